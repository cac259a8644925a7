"""Retention: what ended long enough ago goes whole, children first; all else stays."""

from dataclasses import replace
from datetime import timedelta

import pytest

from raincheck.errors import StorageUnavailable
from raincheck.service.keys import KeyRow
from raincheck.service.retention import Retention
from raincheck.service.runs import RunRow
from raincheck.service.settings import Settings
from tests.unit.web.fakes import (
    NOW,
    FakeConversations,
    FakeIndex,
    FakeKeys,
    FakeOrchestrations,
    FakeRuns,
    FakeTime,
    FakeUnfinished,
)

OLD = "20260901-" + "a" * 32
LONG_AGO = NOW - timedelta(days=80)


class Kept:
    """Retention of 30 days over fakes; `gone` is what was purged or cleared, in order."""

    def __init__(self):
        self.time = FakeTime()
        self.runs = FakeRuns()
        self.conversations, self.keys = FakeConversations(), FakeKeys()
        self.orchestrations = FakeOrchestrations(self.time)
        self.orchestrations.purge = self._purge
        self.settings = Settings(signing_keys=("k" * 32,), retention_days=30)
        self.unfinished = FakeUnfinished()
        self.gone = []
        self.held = False

    async def _purge(self, instance_id):
        row = "" if instance_id != OLD or OLD not in self.runs.rows else " under its row"
        self.gone.append(f"purge {instance_id}{row}")
        self.orchestrations.instances.pop(instance_id, None)

    async def clear_remains(self, run_id):
        self.gone.append(f"clear {run_id}")

    async def holds(self, row):
        return self.held

    async def forget(self, row):
        return [f"{row.run_id}:deliver:run.failed"]

    async def clear(self, seconds=50):
        class Remains:
            clear = staticmethod(self.clear_remains)

        retention = Retention(
            index=FakeIndex(self.runs),
            remains=Remains(),
            unfinished=self.unfinished,
            conversations=self.conversations,
            keys=self.keys,
            clock=lambda: NOW,
            settings=self.settings,
            outbox=self,
            orchestrations=self.orchestrations,
            monotonic=self.time.monotonic,
        )
        return await retention.clear(seconds=seconds)

    async def run(self, run_id=OLD, status="Completed", ended=LONG_AGO):
        row = RunRow(run_id=run_id, flow="greet", version=1, created_at=LONG_AGO)
        await self.runs.create(row)
        self.instance(run_id, status, ended)

    def instance(self, run_id, status="Completed", ended=LONG_AGO):
        if status:
            self.orchestrations.put(run_id, status)

            instances = self.orchestrations.instances
            instances[run_id] = replace(instances[run_id], updated_at=ended)


@pytest.fixture
def kept():
    return Kept()


async def test_an_old_run_goes_whole_children_first_and_its_history_after_its_row(kept):
    """A row without a history would tell readers that the run was never started."""
    await kept.run()
    kept.instance(f"{OLD}:1")
    kept.instance(f"{OLD}:1:1")
    assert await kept.clear() == 1
    assert kept.gone == [
        f"purge {OLD}:1:1",
        f"clear {OLD}:1:1",
        f"purge {OLD}:1",
        f"clear {OLD}:1",
        f"purge {OLD}:deliver:run.failed",
        f"purge {OLD}:end",
        f"clear {OLD}",
        f"purge {OLD}",
    ]
    assert kept.runs.rows == {}
    assert kept.unfinished.notes == {}


async def test_a_crash_before_the_history_went_leaves_a_note(kept):
    """The sweeper finishes it: nothing else would find a history without a row."""
    await kept.run()

    async def die(instance_id):
        if instance_id == OLD:
            raise StorageUnavailable

    kept.orchestrations.purge = die
    await kept.clear()
    assert kept.unfinished.notes == {("purge", OLD): {}}


@pytest.mark.parametrize(
    ("status", "ended"),
    [("Running", LONG_AGO), ("Completed", NOW - timedelta(days=29)), ("Pending", LONG_AGO)],
)
async def test_a_run_that_goes_on_or_ended_lately_stays(kept, status, ended):
    """The days count from its end, not from its start."""
    await kept.run(status=status, ended=ended)
    assert await kept.clear() == 0
    assert OLD in kept.runs.rows


async def test_a_run_with_an_open_delivery_or_a_dead_letter_stays(kept):
    """It could not be delivered again without it."""
    await kept.run()
    kept.held = True
    assert await kept.clear() == 0


async def test_a_run_that_never_came_to_be_goes_too(kept):
    """Its row is all there is."""
    await kept.run(status=None)
    assert await kept.clear() == 1


async def test_a_slice_ends_when_its_time_is_up(kept):
    """The rest goes in the next one."""
    await kept.run()
    assert await kept.clear(seconds=-1) == 0
    assert OLD in kept.runs.rows


async def test_the_turn_of_a_cleared_run_goes(kept):
    """Its conversation's partition must not grow for ever."""
    await kept.run()
    kept.runs.rows[OLD] = replace(kept.runs.rows[OLD], conversation_id="c")
    kept.conversations.put("c", run_id=OLD, sequence=1, state="ended")
    await kept.clear()
    assert kept.conversations.turns["c"] == {}


async def test_expired_keys_are_cleared(kept):
    """They are of no use any more, and there is one for each start."""
    row = KeyRow("k", "r", OLD, "s", "started", LONG_AGO, LONG_AGO + timedelta(days=1))
    await kept.keys.put(row)
    await kept.clear()
    assert kept.keys.rows == {}
