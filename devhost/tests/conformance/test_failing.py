"""Orchestrations that fail or meet failures, as recorded."""

from conformance.app.orchestrators import ORCHESTRATORS
from conformance.stage import Stage


async def test_boom(tmp_path):
    """Raising in every way, host sanitizer included, and how the management API shows it."""
    async with Stage("boom", ORCHESTRATORS, tmp_path / "state.db") as s:
        await s.start("boom", "boom-1")
        await s.until("boom-1")
        await s.status("boom-1")
        path = "/instances/boom-1?returnInternalServerErrorOnFailure=true"
        await s.http("returnInternalServerErrorOnFailure", "GET", path)
        wait = "/orchestrators/boom/boom-wait?timeout=15&pollingInterval=0.5"
        await s.http("start-and-wait-failed", "POST", wait, moving=True)
        for orchestrator, instance_id, tag in (
            ("typed_error", "typed-1", "typed"),
            ("bad_output", "badout-1", "badout"),
            ("sanitized", "sani-1", "sanitized"),
            ("catch_all", "catchall-1", "catchall"),
        ):
            await s.start(orchestrator, instance_id)
            await s.until(instance_id)
            await s.status(instance_id, tag)


async def test_fan_fail(tmp_path):
    """One of three fails: Python is done at once, the instance ends with the last of the three."""
    async with Stage("fan-fail", ORCHESTRATORS, tmp_path / "state.db") as s:
        await s.start("fanfail", "fanfail-1")
        await s.until("fanfail-1")
        await s.status("fanfail-1")


async def test_misc(tmp_path):
    """No yield, no output, unregistered functions that hang, non-determinism, custom status."""
    async with Stage("misc", ORCHESTRATORS, tmp_path / "state.db") as s:
        for name in ("no_yield", "noop", "missing_activity", "missing_sub", "nondeterministic"):
            await s.start(name, f"misc-{name}")
            await s.until(f"misc-{name}", timeout=6)
            await s.status(f"misc-{name}", name)
        s.skip("call_http", http=4, sdk=3)  # refused here: see test_refusals
        name = "status_then_wait"
        await s.start(name, f"misc-{name}")
        await s.until(f"misc-{name}", timeout=6)
        await s.http("customStatus-set", "GET", f"/instances/misc-{name}")
        await s.client("raise", lambda c: c.raise_event(f"misc-{name}", "go", {"v": None}))
        await s.until(f"misc-{name}")
        await s.status(f"misc-{name}", name)
