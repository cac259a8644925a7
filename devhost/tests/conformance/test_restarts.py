"""What goes on after a restart, as recorded. The kill itself, with SIGKILL, is in test_kill."""

from conformance.app.orchestrators import ORCHESTRATORS
from conformance.stage import Stage
from raincheck_devhost.durable.settings import DurableSettings

_AS_AZURE = DurableSettings(hub_name="SpikeHub", max_activities=100, redeliver_after_seconds=60)


async def test_host_killed(tmp_path):
    """What waits or is due goes on at once, the activity in flight after its time, none of it twice."""
    async with Stage("host-killed", ORCHESTRATORS, tmp_path / "state.db", _AS_AZURE) as s:
        await s.start("inflight", "kill-1")
        await s.start("approval", "kill-2", {"timeout": 300})
        await s.start("timer_cancel", "kill-t")
        await s.start("approval", "kill-3", {"timeout": 8})
        await s.sleep(2)
        await s.engine.stop(0)
        s.clock.ring(s.clock.now().replace(minute=s.clock.now().minute + 1))
        await s.start_engine()
        await s.client(
            "raise_event-right-after-restart", lambda c: c.raise_event("kill-2", "approve", "after restart")
        )
        for instance_id in ("kill-3", "kill-2"):
            await s.until(instance_id, timeout=1)
        await s.sleep(55)
        assert (await s.engine.client.find("kill-1")).status == "Running"
        await s.until("kill-1", timeout=10)
        for instance_id in ("kill-1", "kill-2", "kill-3"):
            await s.status(instance_id, instance_id)


async def test_host_stopped_gracefully(tmp_path):
    """The same after a stop that didn't wait for the activity."""
    async with Stage("host-stopped-gracefully", ORCHESTRATORS, tmp_path / "state.db", _AS_AZURE) as s:
        await s.start("inflight", "stop-1")
        await s.start("approval", "stop-2", {"timeout": 300})
        await s.sleep(2)
        await s.engine.stop(0)
        await s.start_engine()
        await s.client(
            "raise_event-right-after-restart", lambda c: c.raise_event("stop-2", "approve", "after restart")
        )
        for instance_id in ("stop-2", "stop-1"):
            await s.until(instance_id, timeout=90)
        for instance_id in ("stop-1", "stop-2"):
            await s.status(instance_id, instance_id)
