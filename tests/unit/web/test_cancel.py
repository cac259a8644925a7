"""Cancelling a run by its cancel URL."""

import pytest

from raincheck.outcomes import Outcome
from tests.unit.web.fakes import NOW, local


@pytest.fixture
async def cancel_url(world):
    document = (await world.start(background=True)).json()
    return local(document["cancel_url"])


async def test_cancel_raises_the_event_stamped_with_its_time(world, cancel_url):
    """The driver counts the grace period from then."""
    answer = await world.open.post(cancel_url)
    assert answer.status_code == 202
    assert answer.json()["continuation_token"]
    [(_, name, value)] = world.orchestrations.events
    assert (name, value) == ("cancel", {"at": NOW.isoformat()})


async def test_cancel_on_a_finished_run_is_200_and_changes_nothing(world, cancel_url):
    """The outcome was decided."""
    [(_, run_id, _)] = world.orchestrations.started
    world.orchestrations.finish(run_id, Outcome.succeeded(1))
    answer = await world.open.post(cancel_url)
    assert (answer.status_code, answer.json()["status"]) == (200, "Succeeded")
    assert world.orchestrations.events == []


async def test_a_run_that_ends_just_then_is_200(world, cancel_url):
    """The event comes too late, and the answer says what stands."""
    [(_, run_id, _)] = world.orchestrations.started

    async def too_late(*_):
        world.orchestrations.finish(run_id, Outcome.succeeded(1))
        return False

    world.orchestrations.raise_event = too_late
    assert (await world.open.post(cancel_url)).json()["status"] == "Succeeded"


async def test_a_run_that_is_not_there_yet_is_cancelled_later(world, cancel_url):
    """Its start is under way: the note stays, and the sweeper raises the event when it can be taken."""
    [(_, run_id, _)] = world.orchestrations.started
    world.orchestrations.instances.clear()
    answer = await world.open.post(cancel_url)
    assert answer.status_code == 202
    assert world.unfinished.notes == {("cancel", run_id): {"at": NOW.isoformat()}}


async def test_a_cancel_that_was_raised_leaves_no_note(world, cancel_url):
    """The sweeper has nothing to do then."""
    await world.open.post(cancel_url)
    assert world.unfinished.notes == {}
