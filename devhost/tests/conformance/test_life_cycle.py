"""Terminate, suspend, resume, as recorded."""

from conformance.app.orchestrators import ORCHESTRATORS
from conformance.stage import Stage

_HISTORY = "?showHistory=true&showHistoryOutput=true"


async def test_terminated(tmp_path):
    """While an activity runs, while it waits, without a reason, while pending, with a child."""
    async with Stage("terminated", ORCHESTRATORS, tmp_path / "state.db") as s:
        await s.start("inflight", "term-1")
        await s.until("term-1", ("Running",))
        await s.sleep(1)
        await s.http("terminate", "POST", "/instances/term-1/terminate?reason=because%20%C3%BC")
        await s.http("status-right-after", "GET", "/instances/term-1")
        await s.until("term-1")
        await s.status("term-1", "terminated")
        await s.sleep(8)
        await s.status("term-1", "after-activity-finished")
        await s.http("terminate-again", "POST", "/instances/term-1/terminate?reason=x")
        await s.client("terminate-again", lambda c: c.terminate("term-1", "x"))
        await s.client("terminate-unknown", lambda c: c.terminate("term-nope", "x"))
        await s.http("terminate-unknown", "POST", "/instances/term-nope/terminate?reason=x")
        await s.http("raiseEvent-terminated", "POST", "/instances/term-1/raiseEvent/x", "1")
        await s.start("approval", "term-2", {"timeout": 60})
        await s.until("term-2", ("Running",))
        await s.client("terminate-sdk", lambda c: c.terminate("term-2", "sdk reason"))
        await s.until("term-2")
        await s.status("term-2", "waiting-terminated")
        await s.start("approval", "term-3", {"timeout": 60})
        await s.until("term-3", ("Running",))
        await s.http("terminate-no-reason", "POST", "/instances/term-3/terminate")
        await s.until("term-3")
        await s.http("terminated-no-reason", "GET", f"/instances/term-3{_HISTORY}")
        await s.start("chain", "term-4")
        await s.http("terminate-while-pending", "POST", "/instances/term-4/terminate?reason=early")
        await s.until("term-4")
        await s.http("terminated-pending", "GET", f"/instances/term-4{_HISTORY}")
        await s.start("term_parent", "term-5")
        await s.until("term-5", ("Running",))
        await s.sleep(1.5)
        await s.http("terminate-parent", "POST", "/instances/term-5/terminate?reason=parent")
        await s.until("term-5")
        await s.http("terminated-parent", "GET", f"/instances/term-5{_HISTORY}")
        await s.http("child-right-after-parent-terminated", "GET", "/instances/term-5-child")
        await s.until("term-5-child")
        await s.http("child-final", "GET", f"/instances/term-5-child{_HISTORY}")
        await s.sleep(1)
        await s.http("parent-after-child-completed", "GET", f"/instances/term-5{_HISTORY}")


async def test_suspended_resumed(tmp_path):
    """What comes while suspended is recorded and waits; an open WhenAny with a cancelled timer doesn't."""
    async with Stage("suspended-resumed", ORCHESTRATORS, tmp_path / "state.db") as s:
        await s.start("approval", "susp-1", {"timeout": 60})
        await s.until("susp-1", ("Running",))
        await s.http("suspend", "POST", "/instances/susp-1/suspend?reason=because%20of%20me")
        await s.http("status-right-after-suspend", "GET", "/instances/susp-1")
        await s.until("susp-1", ("Suspended",), 15)
        await s.status("susp-1", "suspended")
        await s.http("suspend-again", "POST", "/instances/susp-1/suspend?reason=again")
        await s.client("suspend-sdk-again", lambda c: c.suspend("susp-1", "sdk reason"))
        await s.client(
            "raise_event-while-suspended", lambda c: c.raise_event("susp-1", "approve", {"w": "suspended"})
        )
        await s.sleep(2)
        await s.status("susp-1", "suspended-with-event")
        await s.http("resume", "POST", "/instances/susp-1/resume?reason=go%20on")
        await s.until("susp-1")
        await s.status("susp-1")
        await s.http("resume-completed", "POST", "/instances/susp-1/resume?reason=x")
        await s.http("suspend-completed", "POST", "/instances/susp-1/suspend?reason=x")
        await s.client("suspend-completed", lambda c: c.suspend("susp-1", "x"))
        await s.client("resume-unknown", lambda c: c.resume("susp-nope", "x"))
        await s.http("suspend-unknown", "POST", "/instances/susp-nope/suspend?reason=x")
        await _suspended_while_an_activity_runs(s)
        await _suspended_while_a_timer_is_due(s)
        await s.start("approval", "susp-4", {"timeout": 60})
        await s.until("susp-4", ("Running",))
        await s.http("resume-not-suspended", "POST", "/instances/susp-4/resume?reason=notsuspended")
        await s.sleep(1)
        await s.http("after-resume-not-suspended", "GET", "/instances/susp-4?showHistory=true")
        await s.http("suspend", "POST", "/instances/susp-4/suspend?reason=x")
        await s.until("susp-4", ("Suspended",))
        await s.http("terminate-suspended", "POST", "/instances/susp-4/terminate?reason=kill")
        await s.until("susp-4")
        await s.http("terminated-while-suspended", "GET", f"/instances/susp-4{_HISTORY}")


async def _suspended_while_an_activity_runs(s):
    await s.start("inflight", "susp-2")
    await s.until("susp-2", ("Running",))
    await s.sleep(1)
    await s.client("suspend", lambda c: c.suspend("susp-2", "mid-activity"))
    await s.sleep(8)
    await s.status("susp-2", "activity-finished-while-suspended")
    await s.client("resume", lambda c: c.resume("susp-2", "now"))
    await s.until("susp-2")
    await s.status("susp-2", "inflight-final")


async def _suspended_while_a_timer_is_due(s):
    await s.start("approval", "susp-3", {"timeout": 4})
    await s.until("susp-3", ("Running",))
    await s.sleep(1)
    await s.http("suspend-no-reason", "POST", "/instances/susp-3/suspend")
    await s.sleep(6)
    await s.http("timer-due-while-suspended", "GET", "/instances/susp-3?showHistory=true")
    await s.http("resume-running-without-reason", "POST", "/instances/susp-3/resume")
    await s.until("susp-3")
    await s.http("timer-fired-after-resume", "GET", f"/instances/susp-3{_HISTORY}")
