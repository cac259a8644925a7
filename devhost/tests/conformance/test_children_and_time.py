"""Sub-orchestrations, continue-as-new and timers, as recorded."""

from conformance.app.orchestrators import ORCHESTRATORS
from conformance.stage import Stage

_HISTORY = "?showHistory=true&showHistoryOutput=true"


async def test_parent(tmp_path):
    """Children with and without ids, one that fails, one that is retried; their lists and links."""
    async with Stage("parent", ORCHESTRATORS, tmp_path / "state.db") as s:
        await s.start("parent", "parent-1", {"p": 1})
        await s.until("parent-1")
        await s.status("parent-1")
        await s.http("list-children-prefix", "GET", "/instances?instanceIdPrefix=parent-1")
        await s.http("child-with-given-id", "GET", f"/instances/parent-1-fan{_HISTORY}")
        s.skip("list-all", http=1)  # holds what earlier recordings left behind
        await s.start("sub_retry", "subretry-1")
        await s.until("subretry-1")
        await s.status("subretry-1", "subretry")
        await s.http("subretry-child", "GET", f"/instances/subretry-1-s{_HISTORY}")


async def test_eternal(tmp_path):
    """continue-as-new: new execution, last history only, what wasn't consumed is carried over."""
    async with Stage("eternal", ORCHESTRATORS, tmp_path / "state.db") as s:
        await s.start("eternal", "eternal-1", 0)
        await s.until("eternal-1")
        await s.status("eternal-1")
        await s.start("eternal_events", "eterev-1", None)
        await s.until("eterev-1", ("Running",))
        for i in range(4):
            await s.client(
                f"raise_event-item-{i}", lambda c, i=i: c.raise_event("eterev-1", "item", {"i": i})
            )
        await s.until("eterev-1")
        await s.status("eterev-1", "events")


async def test_timer(tmp_path):
    """Timers that fire (early), are cancelled, are left, are longer than six days; ids from the context."""
    async with Stage("timer", ORCHESTRATORS, tmp_path / "state.db") as s:
        await s.start("timer", "timer-1")
        await s.until("timer-1")
        await s.status("timer-1")
        await s.start("timer_cancel", "tcancel-1")
        await s.until("tcancel-1")
        await s.status("tcancel-1", "cancel")
        await s.start("uncancelled_timer", "tunc-1")
        await s.sleep(2)
        await s.status("tunc-1", "uncancelled-before-due")
        await s.until("tunc-1")
        await s.status("tunc-1", "uncancelled-final")
        await s.start("long_timer", "tlong-1")
        await s.sleep(2)
        await s.status("tlong-1", "long-waiting")
        await s.client("raise_event", lambda c: c.raise_event("tlong-1", "go", 1))
        await s.until("tlong-1", timeout=5)
        await s.status("tlong-1", "long-after-event")
        await s.client("terminate", lambda c: c.terminate("tlong-1", "cleanup"))
        await s.until("tlong-1")
        await s.start("guids", "guids-1")
        await s.until("guids-1")
        await s.http("guids", "GET", "/instances/guids-1")
