"""External events, as recorded: early, late, many, for nobody."""

from conformance.app.orchestrators import ORCHESTRATORS
from conformance.stage import Stage

_HISTORY = "?showHistory=true&showHistoryOutput=true"


async def test_approval_approved(tmp_path):
    """An event against a timer: through the SDK, over HTTP, in the wrong case, without data, too late."""
    async with Stage("approval-approved", ORCHESTRATORS, tmp_path / "state.db") as s:
        await s.start("approval", "appr-1", {"timeout": 30})
        await s.until("appr-1", ("Running",))
        await s.status("appr-1", "waiting")
        await s.client("raise_event", lambda c: c.raise_event("appr-1", "approve", {"by": "someone"}))
        await s.until("appr-1")
        await s.status("appr-1")
        await s.client(
            "raise_event-after-completion", lambda c: c.raise_event("appr-1", "approve", {"by": "late"})
        )
        await s.http("raiseEvent-after-completion", "POST", "/instances/appr-1/raiseEvent/approve", {"x": 1})
        await s.start("approval", "appr-2", {"timeout": 30})
        await s.until("appr-2", ("Running",))
        await s.http("raiseEvent-http", "POST", "/instances/appr-2/raiseEvent/approve", "true")
        await s.until("appr-2")
        await s.http("final-http", "GET", f"/instances/appr-2{_HISTORY}")
        await s.start("approval", "appr-3", {"timeout": 30})
        await s.until("appr-3", ("Running",))
        path = "/instances/appr-3/raiseEvent"
        await s.http("raiseEvent-case-differs-APPROVE", "POST", f"{path}/APPROVE", "null")
        await s.sleep(1.5)
        await s.http("after-case-differs", "GET", f"/instances/appr-3{_HISTORY}")
        await s.client("raise_event-none", lambda c: c.raise_event("appr-3", "approve"))
        await s.until("appr-3", timeout=5)
        await s.http("final-none", "GET", f"/instances/appr-3{_HISTORY}")
        json_type = {"Content-Type": "application/json"}
        await s.http("raiseEvent-empty-body", "POST", f"{path}/approve", headers=json_type)


async def test_approval_timeout(tmp_path):
    """The timer wins."""
    async with Stage("approval-timeout", ORCHESTRATORS, tmp_path / "state.db") as s:
        await s.start("approval", "apprt-1", {"timeout": 3})
        await s.until("apprt-1")
        await s.status("apprt-1")


async def test_events_buffered(tmp_path):
    """Events raised before anybody waits, two of a name at once, for nobody, in the other order."""
    async with Stage("events-buffered", ORCHESTRATORS, tmp_path / "state.db") as s:
        await s.start("events_buffered", "evb-1")
        await s.until("evb-1", ("Running",))
        for value in ({"k": 1}, "two", 3):
            await s.client("raise_event", lambda c, v=value: c.raise_event("evb-1", "e", v))
        await s.until("evb-1")
        await s.status("evb-1")
        await s.start("events_buffered", "evb-2")
        for value in (1, 2):
            await s.client("raise_event-while-pending", lambda c, v=value: c.raise_event("evb-2", "e", v))
        await s.until("evb-2")
        await s.http("raised-while-pending-final", "GET", f"/instances/evb-2{_HISTORY}")
        await s.client("raise_event-unknown", lambda c: c.raise_event("evb-nope", "e", 1))
        await s.http("raiseEvent-unknown", "POST", "/instances/evb-nope/raiseEvent/e", "1")
        await s.start("multi_event", "mev-1")
        await s.until("mev-1", ("Running",))
        for name, value in (("a", "a-1"), ("a", "a-2"), ("zzz", "never"), ("a", "a-3"), ("b", "b-1")):
            await s.client(f"raise_event-{name}", lambda c, n=name, v=value: c.raise_event("mev-1", n, v))
        await s.until("mev-1")
        await s.status("mev-1", "multi")
        await s.start("two_waits", "two-1")
        await s.until("two-1", ("Running",))
        await s.client("raise_event-second-first", lambda c: c.raise_event("two-1", "second", 2))
        await s.sleep(1.5)
        await s.client("raise_event-first", lambda c: c.raise_event("two-1", "first", 1))
        await s.until("two-1")
        await s.status("two-1", "two")


async def test_events_stale(tmp_path):
    """One event serves two waits in Python but not in the extension: Running until the second comes."""
    async with Stage("events-stale", ORCHESTRATORS, tmp_path / "state.db") as s:
        await s.start("events_buffered", "stale-1")
        await s.until("stale-1", ("Running",))
        await s.client("raise_event-only-one-while-busy", lambda c: c.raise_event("stale-1", "e", {"n": 1}))
        await s.sleep(5)
        await s.status("stale-1", "after-activity")
        await s.client("raise_event-second", lambda c: c.raise_event("stale-1", "e", {"n": 2}))
        await s.until("stale-1", timeout=10)
        await s.status("stale-1")
        await s.start("events_buffered", "http-1")
        await s.until("http-1", ("Running",))
        await s.sleep(4)
        data = {"by": "http", "n": [1, 2.5, None, True]}
        await s.http("raiseEvent-object", "POST", "/instances/http-1/raiseEvent/e", data)
        await s.sleep(2)
        await s.http("raiseEvent-string", "POST", "/instances/http-1/raiseEvent/e", '"plain text"')
        await s.until("http-1", timeout=10)
        await s.status("http-1", "http-raised")
