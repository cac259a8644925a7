"""Orchestrators that run through."""

from conformance.app.registry import orch


@orch("chain")
def chain(context):
    given = context.get_input()
    context.set_custom_status({"step": 1})
    a = yield context.call_activity("echo", {"n": 1, "given": given})
    context.set_custom_status({"step": 2})
    b = yield context.call_activity("echo", {"n": 2})
    return {"a": a, "b": b}


@orch("fan")
def fan(context):
    n = int(context.get_input() or 5)
    results = yield context.task_all([context.call_activity("echo", i) for i in range(n)])
    return sum(results)


@orch("parent")
def parent(context):
    x = yield context.call_sub_orchestrator("chain", {"from": "parent"})
    y = yield context.call_sub_orchestrator("fan", 3, f"{context.instance_id}-fan")
    try:
        yield context.call_sub_orchestrator("boom")
    except Exception as e:  # noqa: BLE001 - the SDK raises bare ones
        return {"x": x, "y": y, "e": str(e)}


@orch("eternal")
def eternal(context):
    n = int(context.get_input() or 0)
    yield context.call_activity("echo", n)
    if n < 3:
        context.continue_as_new(n + 1)
        return None
    return n


@orch("inflight")
def inflight(context):
    x = yield context.call_activity("slow", 6)
    y = yield context.call_activity("echo", "after")
    return [x, y]


@orch("large")
def large(context):
    g = context.get_input()
    a = yield context.call_activity("blob", {"n": 120000})
    b = yield context.call_activity("echo", a)
    context.set_custom_status({"len": len(b)})
    return {"in": len(g["text"]), "text": b}


@orch("outputs")
def outputs(context):
    r = []
    for v in [
        None,
        True,
        False,
        0,
        1,
        -1.5,
        1e20,
        "",
        "5",
        "null",
        "text",
        [],
        {},
        [1, [2]],
        {"a": None},
        "2024-01-01T00:00:00Z",
        "2024-01-01T00:00:00.123456+02:00",
        12345678901234567890,
    ]:
        x = yield context.call_activity("echo", v)
        r.append([v, x, v == x])
    return r


@orch("entity_free")
def entity_free(context):
    if False:
        yield
    return context.get_input()


@orch("no_yield")
def no_yield(context):
    context.set_custom_status("quick")
    return {"quick": True, "id": context.instance_id, "replay": context.is_replaying}


@orch("noop")
def noop(context):
    return None


@orch("guids")
def guids(context):
    a = [str(context.new_guid()) if hasattr(context, "new_guid") else str(context.new_uuid())]
    yield context.call_activity("echo", 1)
    a.append(str(context.new_uuid()))
    return {"ids": a, "t": context.current_utc_datetime.isoformat()}


@orch("term_parent")
def term_parent(context):
    x = yield context.call_sub_orchestrator("inflight", None, f"{context.instance_id}-child")
    return x


@orch("fan_big")
def fan_big(context):
    r = yield context.task_all([context.call_activity("echo", i) for i in range(40)])
    return r
