"""The sweeper: what a crash left half done is finished, once, and what goes on is left alone."""

from dataclasses import replace
from datetime import timedelta

import pytest

from raincheck.errors import StorageUnavailable
from raincheck.models import CallbackRequest
from raincheck.outcomes import Outcome
from raincheck.service.ports import UnfinishedRow
from raincheck.service.runs import RunRow
from raincheck.service.sweep import SETTLED
from tests.unit.web.fakes import NOW, World

RUN = "20261121-" + "a" * 32


class Swept:
    """A sweep over fakes, an hour later; `told` has the events that a callback was owed for."""

    def __init__(self):
        self.world = World()
        self.orchestrations = self.world.orchestrations
        self.unfinished = self.world.unfinished
        self.resume = {}

    @property
    def told(self):
        started = self.orchestrations.started
        return [(run_id.partition(":")[0], payload["event"]) for _, run_id, payload in started]

    async def sweep(self, seconds=50):
        self.world.time.seconds += 3600
        sweep = self.world.uses.sweep
        resume = {**sweep.resume, **self.resume}
        return await replace(sweep, resume=resume).sweep(seconds=seconds)

    async def run(self, status, *, callback=True, output=None):
        asked = CallbackRequest(url="https://example.com/") if callback else None
        row = RunRow(run_id=RUN, flow="greet", version=1, created_at=NOW, callback=asked)
        await self.world.runs.create(row)
        await self.unfinished.add("run", RUN)
        if status:
            self.orchestrations.put(RUN, status, output=output)


@pytest.fixture
def swept():
    return Swept()


async def test_a_cancel_that_was_never_raised_is_raised(swept):
    """The host died between the note and the event."""
    await swept.run("Running")
    await swept.unfinished.add("cancel", RUN, {"at": "then"})
    await swept.sweep()
    assert swept.orchestrations.events == [(RUN, "cancel", {"at": "then"})]
    assert ("cancel", RUN) not in swept.unfinished.notes


@pytest.mark.parametrize(("status", "event"), [("Terminated", "run.canceled"), ("Failed", "run.failed")])
async def test_a_run_that_was_ended_from_outside_pays_its_callback(swept, status, event):
    """Nobody else would ever tell its receiver."""
    await swept.run(status)
    await swept.sweep()
    assert swept.told == [(RUN, event)]
    assert swept.unfinished.notes == {}


async def test_a_run_that_completed_without_paying_pays_by_its_own_outcome(swept):
    """Its output is the truth."""
    await swept.run("Completed", output=Outcome.succeeded(1).model_dump(mode="json"))
    await swept.sweep()
    assert swept.told == [(RUN, "run.succeeded")]


async def test_a_run_that_goes_on_is_left_alone(swept):
    """It will pay by itself."""
    await swept.run("Running")
    await swept.sweep()
    assert swept.told == []
    assert ("run", RUN) in swept.unfinished.notes


async def test_a_note_of_a_run_that_was_cleared_away_goes(swept):
    """Nothing can be owed any more."""
    await swept.unfinished.add("run", RUN)
    await swept.sweep()
    assert swept.unfinished.notes == {}


async def test_one_note_that_fails_does_not_stop_the_others(swept):
    """Storage may be away for one of them."""
    done = []

    async def resume(row: UnfinishedRow):
        if row.key == "bad":
            raise StorageUnavailable
        done.append(row.key)

    swept.resume = {"answer": resume}
    for key in ("bad", "good"):
        await swept.unfinished.add("answer", key)
    await swept.sweep()
    assert done == ["good"]


async def test_a_pass_ends_when_its_time_is_up(swept):
    """A timer must end before the host ends it."""
    await swept.unfinished.add("run", RUN)
    assert await swept.sweep(seconds=-1) == 0


def test_what_is_young_is_left_to_whoever_began_it():
    """Starts are cut after ten seconds, and so is any other call."""
    assert timedelta(seconds=20) < SETTLED
