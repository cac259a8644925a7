"""The management API as recorded: duplicates, restarts, purges, lists."""

import asyncio
import datetime as dt

import azure.durable_functions as df

from conformance.app.orchestrators import ORCHESTRATORS
from conformance.stage import ENDED, Stage

_HISTORY = "?showHistory=true&showHistoryOutput=true"


async def test_duplicate_start(tmp_path):
    """An id that is taken is refused; starts at the same time all succeed and the last input wins."""
    async with Stage("duplicate-start", ORCHESTRATORS, tmp_path / "state.db") as s:
        again = {"timeout": 61}
        await s.start("approval", "dup-1", {"timeout": 60})
        await s.client("start_new-duplicate-while-pending", lambda c: c.start_new("approval", "dup-1", again))
        await s.until("dup-1", ("Running",))
        await s.client("start_new-duplicate-while-running", lambda c: c.start_new("approval", "dup-1", again))
        await s.client("start_new-duplicate-other-function", lambda c: c.start_new("chain", "dup-1", again))
        await s.http("http-duplicate-while-running", "POST", "/orchestrators/approval/dup-1", again)
        await s.http("status", "GET", "/instances/dup-1")
        await s.http("suspend", "POST", "/instances/dup-1/suspend?reason=x")
        await s.until("dup-1", ("Suspended",))
        await s.client(
            "start_new-duplicate-while-suspended", lambda c: c.start_new("approval", "dup-1", again)
        )
        await s.http("http-duplicate-while-suspended", "POST", "/orchestrators/approval/dup-1", again)
        await s.http("status-after-suspended-dup", "GET", "/instances/dup-1?showHistory=true")
        await s.http("resume", "POST", "/instances/dup-1/resume?reason=x")
        await s.sleep(1)
        await s.client("raise", lambda c: c.raise_event("dup-1", "approve", 1))
        await s.until("dup-1", timeout=10)
        await s.status("dup-1")
        starts = [s.engine.client.start("chain", "dup-2", f'"{{\\"i\\": {i}}}"') for i in range(4)]
        await asyncio.gather(*starts)
        s.skip("the same four starts through one SDK session are a race of the session", sdk=4)
        await s.until("dup-2")
        await s.http("concurrent-final", "GET", f"/instances/dup-2{_HISTORY}")


async def test_start_again_after_completion(tmp_path):
    """What has ended may start anew under its id; restart does it with the old input."""
    async with Stage("start-again-after-completion", ORCHESTRATORS, tmp_path / "state.db") as s:
        path = "/instances/again-1"
        await s.start("chain", "again-1", {"run": 1})
        await s.until("again-1")
        await s.status("again-1", "first")
        await s.client("start_new-again", lambda c: c.start_new("chain", "again-1", {"run": 2}))
        await s.http("status-immediately-after-second-start", "GET", f"{path}?showHistory=true")
        await s.until("again-1")
        await s.status("again-1", "second")
        await s.start("boom", "again-2")
        await s.until("again-2")
        await s.client(
            "start_new-after-failed-other-function", lambda c: c.start_new("chain", "again-2", {"run": 2})
        )
        await s.until("again-2", ("Completed",))
        await s.http("after-failed", "GET", "/instances/again-2?showHistory=true")
        await s.start("approval", "again-3", {"timeout": 60})
        await s.until("again-3", ("Running",))
        await s.client("terminate", lambda c: c.terminate("again-3", "x"))
        await s.until("again-3")
        await s.client("start_new-after-terminated", lambda c: c.start_new("chain", "again-3", {"run": 2}))
        await s.until("again-3", ("Completed",))
        await s.http("after-terminated", "GET", "/instances/again-3?showHistory=true")
        await s.http("restart-default", "POST", f"{path}/restart")
        await s.http("restart-same-id", "POST", f"{path}/restart?restartWithNewInstanceId=false")
        await s.until("again-1")
        await s.http("restarted-status", "GET", f"{path}?showHistory=true")
        await s.http("restart-unknown", "POST", "/instances/again-nope/restart")
        await s.client("restart-sdk", lambda c: c.restart("again-1"))
        await s.sleep(1)


async def test_purged(tmp_path):
    """By id and by filter; children stay; what runs stays."""
    async with Stage("purged", ORCHESTRATORS, tmp_path / "state.db") as s:
        await s.start("chain", "purge-1")
        await s.until("purge-1")
        await s.http("purge", "DELETE", "/instances/purge-1")
        await s.http("status-after-purge", "GET", "/instances/purge-1")
        await s.client("get_status-after-purge", lambda c: c.get_status("purge-1"))
        await s.http("purge-again", "DELETE", "/instances/purge-1")
        await s.client("purge-unknown", lambda c: c.purge_instance_history("purge-nope"))
        await s.start("chain", "purge-2")
        await s.until("purge-2")
        await s.client("purge-sdk", lambda c: c.purge_instance_history("purge-2"))
        await s.start("approval", "purge-3", {"timeout": 60})
        await s.until("purge-3", ("Running",))
        await s.http("purge-running", "DELETE", "/instances/purge-3")
        await s.client("purge-running", lambda c: c.purge_instance_history("purge-3"))
        await s.client("terminate", lambda c: c.terminate("purge-3", "x"))
        await s.until("purge-3")
        await s.http("purge-terminated", "DELETE", "/instances/purge-3")
        await s.start("parent", "purge-4")
        await s.until("purge-4")
        await s.http("purge-parent", "DELETE", "/instances/purge-4")
        await s.http("child-after-parent-purge", "GET", "/instances/purge-4-fan")
        await s.http("purge-filter-missing-from", "DELETE", "/instances?runtimeStatus=Completed")
        await s.sleep(1.1)
        since = s.clock.now().replace(tzinfo=None)
        await s.start("chain", "purge-5")
        await s.start("chain", "purge-6")
        await s.until("purge-5")
        await s.until("purge-6")
        created = f"/instances?createdTimeFrom={since:%Y-%m-%dT%H:%M:%S}Z"
        await s.http("list-filter", "GET", f"{created}&runtimeStatus=Completed")
        await s.http("purge-filter-none", "DELETE", f"{created}&runtimeStatus=Failed")
        await s.http("purge-filter", "DELETE", f"{created}&runtimeStatus=Completed,Terminated")
        await s.start("chain", "purge-7")
        await s.until("purge-7")
        completed = [df.OrchestrationRuntimeStatus.Completed]
        await s.client(
            "purge-by-sdk",
            lambda c: c.purge_instance_history_by(
                created_time_from=since, created_time_to=None, runtime_status=completed
            ),
        )


async def test_list(tmp_path):
    """Pages, tokens, filters."""
    async with Stage("list", ORCHESTRATORS, tmp_path / "state.db") as s:
        for i in range(5):
            await s.start("no_yield", f"list-{i}", {"i": i})
        await s.start("boom", "list-boom")
        await s.start("approval", "list-wait", {"timeout": 100})
        for instance_id in ("list-4", "list-boom"):
            await s.until(instance_id)
        path, top = "/instances?instanceIdPrefix=list-", "&top=3"
        await s.http("prefix", "GET", path)
        page = await s.http("prefix-top-3", "GET", path + top)
        for i in (1, 2):
            token = {"x-ms-continuation-token": page.headers["x-ms-continuation-token"]}
            page = await s.http(f"continuation-{i}", "GET", path + top, headers=token)
        garbage = {"x-ms-continuation-token": "garbage"}
        await s.http("bad-continuation", "GET", "/instances?top=3", headers=garbage)
        await s.http("status-filter", "GET", f"{path}&runtimeStatus=Failed,Running")
        await s.http("status-filter-repeated", "GET", f"{path}&runtimeStatus=Failed&runtimeStatus=Running")
        await s.http("showInput-false", "GET", f"{path}&showInput=false&top=2")
        await s.http("showInput-true", "GET", f"{path}&showInput=true&top=2")
        await s.http("none", "GET", "/instances?instanceIdPrefix=zzz")
        s.skip("get_status_all and get_status_by hold what earlier recordings left behind", sdk=2)
        await s.http("terminate", "POST", "/instances/list-wait/terminate?reason=x")
        await s.until("list-wait", ENDED)
        since = dt.datetime(2026, 11, 21)  # noqa: DTZ001 - the SDK takes naive times for UTC
        failed = [df.OrchestrationRuntimeStatus.Failed]
        assert [each.instance_id for each in await s.sdk.get_status_by(since, None, failed)] == ["list-boom"]
        assert len(await s.sdk.get_status_all()) == 7
