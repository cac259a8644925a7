"""How a run stands: which of row, Durable and outcome row is believed, and what it costs to look."""

import pytest

from raincheck.outcomes import Outcome, RunStatus
from tests.unit.web.fakes import World


@pytest.fixture
def world():
    return World()


async def look(world, run_id):
    return await world.uses.status.read(world.runs.rows[run_id])


@pytest.mark.parametrize(
    ("durable", "status"),
    [
        ("Pending", RunStatus.NOT_STARTED),
        ("Running", RunStatus.RUNNING),
        ("Suspended", RunStatus.RUNNING),
        ("ContinuedAsNew", RunStatus.RUNNING),
    ],
)
async def test_a_run_that_goes_on(world, durable, status):
    """Durable's words are not ours."""
    run_id = world.run()
    world.orchestrations.put(run_id, durable)
    assert (await look(world, run_id)).status == status


@pytest.mark.parametrize("as_text", [False, True])
async def test_the_output_is_the_outcome(world, as_text):
    """As an object, or as its JSON text."""
    run_id = world.run()
    outcome = Outcome.succeeded({"a": [1]})
    output = outcome.model_dump_json() if as_text else outcome.model_dump(mode="json")
    world.orchestrations.put(run_id, "Completed", output=output)
    assert (await look(world, run_id)).outcome == outcome


async def test_an_output_that_is_no_outcome_is_a_failure(world):
    """Rather than a run that never ends for its pollers."""
    run_id = world.run()
    world.orchestrations.put(run_id, "Completed", output="what?")
    assert (await look(world, run_id)).outcome.error.code == "no_outcome"


@pytest.mark.parametrize(
    ("durable", "status"), [("Terminated", RunStatus.CANCELED), ("Failed", RunStatus.FAILED)]
)
async def test_an_end_from_outside_is_written_down_by_whoever_sees_it(world, durable, status):
    """All readers must tell the same, also those who come after the sweeper."""
    run_id = world.run()
    world.orchestrations.put(run_id, durable, output="stack and storage address")
    view = await look(world, run_id)
    assert view.status == status
    assert world.outcomes.rows[run_id] == view.outcome
    assert "stack" not in view.outcome.model_dump_json()


@pytest.mark.parametrize("durable", ["Terminated", "Failed"])
async def test_the_outcome_row_is_believed_before_an_end_from_outside(world, durable):
    """The flow had ended before it was terminated."""
    run_id = world.run()
    world.outcomes.rows[run_id] = Outcome.succeeded(1)
    world.orchestrations.put(run_id, durable)
    assert (await look(world, run_id)).status == RunStatus.SUCCEEDED


async def test_a_run_that_is_ending_is_ended_once_its_outcome_is_written(world):
    """A receiver that polls after its callback must not see Running."""
    run_id = world.run()
    world.orchestrations.progress(run_id, 100, ending=True)
    assert (await look(world, run_id)).status == RunStatus.RUNNING
    world.outcomes.rows[run_id] = Outcome.canceled()
    assert (await look(world, run_id)).status == RunStatus.CANCELED


async def test_an_outcome_row_alone_says_nothing(world):
    """It costs a read, so it is looked at only where the status says that it may be there."""
    run_id = world.run()
    world.outcomes.rows[run_id] = Outcome.canceled()
    world.orchestrations.progress(run_id, 1)
    assert (await look(world, run_id)).status == RunStatus.RUNNING
    assert world.outcomes.looks == 0


async def test_a_run_without_an_instance_is_not_started_and_then_failed(world):
    """Its start may be under way for as long as the takeover takes, not longer."""
    run_id = world.run()
    assert (await look(world, run_id)).status == RunStatus.NOT_STARTED
    world.time.seconds += 31
    view = await look(world, run_id)
    assert (view.status, view.outcome.error.code) == (RunStatus.FAILED, "not_started")


@pytest.mark.parametrize(
    "custom", [None, "text", '{"progress": {"percent": 7}}', 3, {"progress": {"percent": 7}}, [1]]
)
async def test_custom_status_comes_in_many_forms(world, custom):
    """Those of another version, or of nobody, are passed over."""
    run_id = world.run()
    world.orchestrations.put(run_id, "Running", custom=custom)
    progress = (await look(world, run_id)).progress
    assert progress is None or progress.percent == 7


async def test_updated_is_never_before_created(world):
    """Durable cuts its times to whole seconds."""
    world.time.seconds = 0.7
    run_id = world.run()
    world.orchestrations.put(run_id, "Running")
    view = await look(world, run_id)
    assert view.updated_at == view.row.created_at
