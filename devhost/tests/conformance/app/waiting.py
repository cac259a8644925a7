"""Orchestrators that wait: for events and timers."""

import datetime as dt

from conformance.app.registry import orch


@orch("approval")
def approval(context):
    due = context.current_utc_datetime + dt.timedelta(
        seconds=int((context.get_input() or {}).get("timeout", 20))
    )
    timer = context.create_timer(due)
    event = context.wait_for_external_event("approve")
    winner = yield context.task_any([event, timer])
    if winner == event:
        timer.cancel()
        return {"approved": event.result}
    return {"approved": None}


@orch("timer")
def timer(context):
    t0 = context.current_utc_datetime
    yield context.create_timer(t0 + dt.timedelta(seconds=2))
    return str(context.new_uuid())


@orch("events_buffered")
def events_buffered(context):
    yield context.call_activity("slow", 2)
    a = yield context.wait_for_external_event("e")
    b = yield context.wait_for_external_event("e")
    return [a, b]


@orch("unicode")
def unicode(context):
    g = context.get_input()
    context.set_custom_status("stätus ✓ 😀")
    a = yield context.call_activity("echo", "aß漢字😀\u2028\u0000end\"quote\\back\n<&>'")
    e = yield context.wait_for_external_event("évènement")
    try:
        yield context.call_activity("flaky", {"key": "ü-" + context.instance_id, "fail": 1})
    except Exception as ex:  # noqa: BLE001 - the SDK raises bare ones
        return {"given": g, "a": a, "e": e, "ex": str(ex)}


@orch("multi_event")
def multi_event(context):
    # in the opposite order than they arrive, one name twice, and one event for nobody
    b = context.wait_for_external_event("b")
    a1 = context.wait_for_external_event("a")
    a2 = context.wait_for_external_event("a")
    r = yield context.task_all([b, a1, a2])
    return r


@orch("timer_cancel")
def timer_cancel(context):
    due = context.current_utc_datetime + dt.timedelta(seconds=60)
    t = context.create_timer(due)
    a = context.call_activity("echo", "quick")
    w = yield context.task_any([t, a])
    t.cancel()
    b = yield context.call_activity("echo", "after-cancel")
    return [w == a, a.result, b]


@orch("long_timer")
def long_timer(context):
    due = context.current_utc_datetime + dt.timedelta(days=9)
    t = context.create_timer(due)
    e = context.wait_for_external_event("go")
    w = yield context.task_any([e, t])
    if w == e:
        t.cancel()
        return "event"
    return "timer"


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


@orch("status_then_wait")
def status_then_wait(context):
    context.set_custom_status({"phase": "waiting"})
    v = yield context.wait_for_external_event("go")
    context.set_custom_status(None)
    return v


@orch("uncancelled_timer")
def uncancelled_timer(context):
    t = context.create_timer(context.current_utc_datetime + dt.timedelta(seconds=6))
    a = context.call_activity("echo", "quick")
    yield context.task_any([t, a])
    return "returned without cancelling the timer"
