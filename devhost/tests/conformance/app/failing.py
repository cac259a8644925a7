"""Orchestrators that fail or meet failures."""

import azure.durable_functions as df

from conformance.app.registry import RUNS, orch


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
    except Exception as e:  # noqa: BLE001 - the SDK raises bare ones
        return {"caught": str(e)}


@orch("boom")
def boom(context):
    yield context.call_activity("echo", 1)
    raise ValueError("boom ünïcode")


@orch("sub_retry")
def sub_retry(context):
    try:
        yield context.call_sub_orchestrator_with_retry(
            "boom", df.RetryOptions(500, 2), None, f"{context.instance_id}-s"
        )
    except Exception as e:  # noqa: BLE001 - the SDK raises bare ones
        return {"caught": str(e), "type": type(e).__name__}


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
        return r  # noqa: TRY300 - as it was recorded
    except Exception as e:  # noqa: BLE001 - the SDK raises bare ones
        return {"caught": str(e), "type": type(e).__name__}


@orch("missing_activity")
def missing_activity(context):
    try:
        yield context.call_activity("does_not_exist", 1)
    except Exception as e:  # noqa: BLE001 - the SDK raises bare ones
        return {"caught": str(e), "type": type(e).__name__}


@orch("missing_sub")
def missing_sub(context):
    try:
        yield context.call_sub_orchestrator("does_not_exist", 1)
    except Exception as e:  # noqa: BLE001 - the SDK raises bare ones
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


@orch("bad_output")
def bad_output(context):
    yield context.call_activity("echo", 1)
    return {1, 2}


@orch("catch_all")
def catch_all(context):
    try:
        yield context.call_activity("flaky", {"key": context.instance_id, "fail": 1})
    except Exception as e:  # noqa: BLE001 - the SDK raises bare ones
        yield context.call_activity("echo", {"cleanup": str(e)})
    return "cleaned"


@orch("sanitized")
def sanitized(context):
    yield context.call_activity("echo", {"url": "https://x.example/y?code=SECRET&z=1", "n": 2})
    raise ValueError("fails after an action whose input holds ?code=")


@orch("call_http")
def call_http(context):
    r = yield context.call_http("GET", "http://127.0.0.1:7072/nothing-here")
    return str(r)
