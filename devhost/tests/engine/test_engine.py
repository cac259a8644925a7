"""The engine's own promises: limits, lost workers, graceful stops, room given back."""

import asyncio
import json

import pytest

from raincheck_devhost.durable.ports import WorkerLost
from raincheck_devhost.durable.runtime.engine import DurableEngine
from raincheck_devhost.durable.settings import DurableSettings
from raincheck_devhost.durable.storage.queries import InstanceQuery

_LIMIT = 10


class Steps:
    """One orchestrator, `fan`: `width` activities at once, then done. Activities do what `activity` says."""

    orchestrators = {"fan": "fan"}  # noqa: RUF012 - never changed
    activities = {"work": "work"}  # noqa: RUF012 - never changed

    def __init__(self, activity, width=1):
        self._activity, self._width = activity, width
        self.lost_orchestrators = 0
        self.runs = []

    async def run_orchestrator(self, name, payload, *, instance_id):
        if self.lost_orchestrators:
            self.lost_orchestrators -= 1
            raise WorkerLost
        history = json.loads(payload)["history"]
        ended = [event["Result"] for event in history if event["EventType"] == 5]
        actions = [{"actionType": 0, "functionName": "work", "input": str(i)} for i in range(self._width)]
        return json.dumps(
            {
                "isDone": len(ended) == self._width,
                "schemaVersion": 2,
                "actions": [[{"actionType": 12, "compoundActions": actions}]],
                "output": len("".join(ended)),
            }
        )

    async def run_activity(self, name, payload, *, instance_id, task_id):
        self.runs.append(task_id)
        return await self._activity(payload)


async def _echo(payload):
    return payload


async def _ended(engine, instance_id="one"):
    return await engine.client.wait_for_end(instance_id, _LIMIT)


@pytest.fixture
async def start(tmp_path):
    """Start engines on one state file; the last one is stopped at the end."""
    engines = []

    async def start(functions, **settings):
        engine = DurableEngine(tmp_path / "state.db", functions, DurableSettings(**settings))
        await engine.start()
        engines.append(engine)
        return engine

    yield start
    await engines[-1].stop(0)


async def test_activities_at_once(start):
    """No more activities run at a time than host.json allows."""
    running, most = 0, 0

    async def count(payload):
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return payload

    engine = await start(Steps(count, width=20), max_activities=3)
    await engine.client.start("fan", "one", None)
    await _ended(engine)
    assert most == 3


async def test_a_thousand_at_once(start):
    """A wide fan-out comes back whole."""
    functions = Steps(_echo, width=1000)
    engine = await start(functions)
    await engine.client.start("fan", "one", None)
    assert (await _ended(engine)).status == "Completed"
    assert sorted(functions.runs) == list(range(1000))


async def test_worker_lost_in_an_activity(start):
    """A dead worker isn't a failure: the activity runs again."""
    lost = [1]

    async def die_once(payload):
        if lost:
            lost.pop()
            raise WorkerLost
        return payload

    functions = Steps(die_once)
    engine = await start(functions)
    await engine.client.start("fan", "one", None)
    assert ((await _ended(engine)).status, functions.runs) == ("Completed", [0, 0])


async def test_worker_lost_in_an_orchestrator(start):
    """The episode is given out again, with the same messages."""
    functions = Steps(_echo)
    functions.lost_orchestrators = 1
    engine = await start(functions)
    await engine.client.start("fan", "one", None)
    assert (await _ended(engine)).status == "Completed"


async def test_stop_lets_activities_end(start):
    """Within the grace an activity ends, and its result is there after the next start."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def wait(payload):
        begun.set()
        await go_on.wait()
        return payload

    functions = Steps(wait)
    engine = await start(functions)
    await engine.client.start("fan", "one", None)
    await asyncio.wait_for(begun.wait(), _LIMIT)
    stopping = asyncio.create_task(engine.stop(_LIMIT))
    await asyncio.sleep(0)
    go_on.set()
    await stopping
    engine = await start(functions)
    assert ((await _ended(engine)).status, functions.runs) == ("Completed", [0])


async def test_stop_gives_up_after_the_grace(start):
    """What doesn't end in time runs again after the next start."""
    begun = asyncio.Event()

    async def hang(payload):
        begun.set()
        await asyncio.Event().wait()

    engine = await start(Steps(hang))
    await engine.client.start("fan", "one", None)
    await asyncio.wait_for(begun.wait(), _LIMIT)
    await engine.stop(0)
    functions = Steps(_echo)
    engine = await start(functions)
    assert ((await _ended(engine)).status, functions.runs) == ("Completed", [0])


async def test_a_stopped_engine_begins_nothing(start):
    """What was accepted before the stop goes on after the next start, exactly once."""
    functions = Steps(_echo)
    engine = await start(functions)
    await engine.client.start("fan", "one", None)
    await engine.stop(0)
    engine = await start(functions)
    assert (await _ended(engine)).status == "Completed"


async def test_purge_gives_room_back(start, tmp_path):
    """The state file shrinks when instances are purged."""
    engine = await start(Steps(_echo))
    for i in range(50):
        await engine.client.start("fan", f"i{i}", json.dumps("x" * 50_000))
        await _ended(engine, f"i{i}")
    await engine.stop(0)
    before = (tmp_path / "state.db").stat().st_size
    engine = await start(Steps(_echo))
    assert await engine.client.purge_matching(InstanceQuery()) == 50
    await engine.stop(0)
    assert (tmp_path / "state.db").stat().st_size < before / 10
    await start(Steps(_echo))


async def test_starts_at_the_same_time(start):
    """They all succeed, one instance runs, the last input wins: as in Azure, where it is a trap."""
    engine = await start(Steps(_echo))
    await asyncio.gather(*(engine.client.start("fan", "one", str(i)) for i in range(5)))
    assert (await _ended(engine)).input == "4"
