"""The orchestrators whose traffic with the genuine extension is in `goldens`: unchanged but for their lint."""

import datetime

import azure.durable_functions as df

ORCHESTRATORS = {}
RUNS = {}  # what makes `nondeterministic` so


def orch(name):
    """Register an orchestrator under its name."""

    def register(function):
        ORCHESTRATORS[name] = function
        return function

    return register


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


@orch("retry")
def retry(context):
    r = yield context.call_activity_with_retry(
        "flaky", df.RetryOptions(500, 3), {"key": context.instance_id, "fail": 2}
    )
    return r


@orch("retry_exhausted")
def retry_exhausted(context):
    try:
        yield context.call_activity_with_retry(
            "flaky", df.RetryOptions(500, 2), {"key": context.instance_id, "fail": 9}
        )
    except Exception as e:  # noqa: BLE001
        return {"caught": str(e)}


@orch("boom")
def boom(context):
    yield context.call_activity("echo", 1)
    raise ValueError("boom ünïcode")


@orch("approval")
def approval(context):
    due = context.current_utc_datetime + datetime.timedelta(
        seconds=int((context.get_input() or {}).get("timeout", 20))
    )
    timer = context.create_timer(due)
    event = context.wait_for_external_event("approve")
    winner = yield context.task_any([event, timer])
    if winner == event:
        timer.cancel()
        return {"approved": event.result}
    return {"approved": None}


@orch("parent")
def parent(context):
    x = yield context.call_sub_orchestrator("chain", {"from": "parent"})
    y = yield context.call_sub_orchestrator("fan", 3, f"{context.instance_id}-fan")
    try:
        yield context.call_sub_orchestrator("boom")
    except Exception as e:  # noqa: BLE001
        return {"x": x, "y": y, "e": str(e)}


@orch("eternal")
def eternal(context):
    n = int(context.get_input() or 0)
    yield context.call_activity("echo", n)
    if n < 3:
        context.continue_as_new(n + 1)
        return None
    return n


@orch("timer")
def timer(context):
    t0 = context.current_utc_datetime
    yield context.create_timer(t0 + datetime.timedelta(seconds=2))
    return str(context.new_uuid())


@orch("events_buffered")
def events_buffered(context):
    yield context.call_activity("slow", 2)
    a = yield context.wait_for_external_event("e")
    b = yield context.wait_for_external_event("e")
    return [a, b]


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


@orch("unicode")
def unicode(context):
    g = context.get_input()
    context.set_custom_status("stätus ✓ 😀")
    a = yield context.call_activity("echo", "aß漢字😀\u2028\u0000end\"quote\\back\n<&>'")
    e = yield context.wait_for_external_event("évènement")
    try:
        yield context.call_activity("flaky", {"key": "ü-" + context.instance_id, "fail": 1})
    except Exception as ex:  # noqa: BLE001
        return {"given": g, "a": a, "e": e, "ex": str(ex)}


@orch("multi_event")
def multi_event(context):
    # waits in the opposite order than they arrive, the same name twice concurrently, and one that never gets consumed
    b = context.wait_for_external_event("b")
    a1 = context.wait_for_external_event("a")
    a2 = context.wait_for_external_event("a")
    r = yield context.task_all([b, a1, a2])
    return r


@orch("timer_cancel")
def timer_cancel(context):
    due = context.current_utc_datetime + datetime.timedelta(seconds=60)
    t = context.create_timer(due)
    a = context.call_activity("echo", "quick")
    w = yield context.task_any([t, a])
    t.cancel()
    b = yield context.call_activity("echo", "after-cancel")
    return [w == a, a.result, b]


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


@orch("sub_retry")
def sub_retry(context):
    try:
        yield context.call_sub_orchestrator_with_retry(
            "boom", df.RetryOptions(500, 2), None, f"{context.instance_id}-s"
        )
    except Exception as e:  # noqa: BLE001
        return {"caught": str(e), "type": type(e).__name__}


@orch("long_timer")
def long_timer(context):
    due = context.current_utc_datetime + datetime.timedelta(days=9)
    t = context.create_timer(due)
    e = context.wait_for_external_event("go")
    w = yield context.task_any([e, t])
    if w == e:
        t.cancel()
        return "event"
    return "timer"


@orch("typed_error")
def typed_error(context):
    class Custom(Exception):
        pass

    raise Custom("multi\nline: $OutOfProcData? ünïcode 'q' \"d\"")
    yield


@orch("fanfail")
def fanfail(context):
    try:
        r = yield context.task_all(
            [
                context.call_activity("echo", 1),
                context.call_activity("flaky", {"key": context.instance_id, "fail": 9}),
                context.call_activity("slow", 1),
            ]
        )
        return r
    except Exception as e:  # noqa: BLE001
        return {"caught": str(e), "type": type(e).__name__}


@orch("eternal_events")
def eternal_events(context):
    got = context.get_input() or []
    e = yield context.wait_for_external_event("item")
    got.append(e)
    context.set_custom_status({"got": got})
    if len(got) < 3:
        context.continue_as_new(got)
        return None
    return got


@orch("two_waits")
def two_waits(context):
    a = yield context.wait_for_external_event("first")
    b = yield context.wait_for_external_event("second")
    return [a, b]


@orch("entity_free")
def entity_free(context):
    if False:
        yield
    return context.get_input()


@orch("missing_activity")
def missing_activity(context):
    try:
        yield context.call_activity("does_not_exist", 1)
    except Exception as e:  # noqa: BLE001
        return {"caught": str(e), "type": type(e).__name__}


@orch("missing_sub")
def missing_sub(context):
    try:
        yield context.call_sub_orchestrator("does_not_exist", 1)
    except Exception as e:  # noqa: BLE001
        return {"caught": str(e), "type": type(e).__name__}


@orch("nondeterministic")
def nondeterministic(context):
    n = RUNS[context.instance_id] = RUNS.get(context.instance_id, 0) + 1
    if n == 1:
        yield context.call_activity("echo", 1)
    else:
        yield context.call_activity("slow", 0)
    return n


@orch("big_custom_status")
def big_custom_status(context):
    context.set_custom_status("x" * 20000)
    yield context.call_activity("echo", 1)
    return "done"


@orch("no_yield")
def no_yield(context):
    context.set_custom_status("quick")
    return {"quick": True, "id": context.instance_id, "replay": context.is_replaying}


@orch("noop")
def noop(context):
    return None


@orch("bad_output")
def bad_output(context):
    yield context.call_activity("echo", 1)
    return {1, 2}


@orch("guids")
def guids(context):
    a = [str(context.new_guid()) if hasattr(context, "new_guid") else str(context.new_uuid())]
    yield context.call_activity("echo", 1)
    a.append(str(context.new_uuid()))
    return {"ids": a, "t": context.current_utc_datetime.isoformat()}


@orch("status_then_wait")
def status_then_wait(context):
    context.set_custom_status({"phase": "waiting"})
    v = yield context.wait_for_external_event("go")
    context.set_custom_status(None)
    return v


@orch("catch_all")
def catch_all(context):
    try:
        yield context.call_activity("flaky", {"key": context.instance_id, "fail": 1})
    except Exception as e:  # noqa: BLE001
        yield context.call_activity("echo", {"cleanup": str(e)})
    return "cleaned"


@orch("uncancelled_timer")
def uncancelled_timer(context):
    t = context.create_timer(context.current_utc_datetime + datetime.timedelta(seconds=6))
    a = context.call_activity("echo", "quick")
    yield context.task_any([t, a])
    return "returned without cancelling the timer"


@orch("sanitized")
def sanitized(context):
    yield context.call_activity("echo", {"url": "https://x.example/y?code=SECRET&z=1", "n": 2})
    raise ValueError("fails after an action whose input holds ?code=")


@orch("term_parent")
def term_parent(context):
    x = yield context.call_sub_orchestrator("inflight", None, f"{context.instance_id}-child")
    return x


@orch("fan_big")
def fan_big(context):
    r = yield context.task_all([context.call_activity("echo", i) for i in range(40)])
    return r


@orch("call_http")
def call_http(context):
    r = yield context.call_http("GET", "http://127.0.0.1:7072/nothing-here")
    return str(r)
