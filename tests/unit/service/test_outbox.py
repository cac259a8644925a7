"""Deliveries: started once, posted only when the run is there, and noted."""

from dataclasses import replace
from typing import Any

import pytest

from raincheck.errors import AlreadyStarted
from raincheck.service.deliveries import DeliveryRow, PostResult
from tests.unit.service.delivering import NOW, OWED, RUN_ID, TAKEN, World, deliveries, post


@pytest.fixture
def world():
    """Give a world in which a run has succeeded."""
    return World()


async def test_a_delivery_has_a_row_before_it_has_an_instance(world):
    """A crash between the two leaves something for the next to find."""
    world.start_error = RuntimeError("crash")
    with pytest.raises(RuntimeError):
        await deliveries(world).start(OWED)
    assert world.rows[OWED.id].state == "pending"


async def test_a_delivery_is_an_orchestration_with_an_id_of_its_own(world):
    """So that there is one for each event, and what is started can be found."""
    await deliveries(world).start(OWED)
    orchestrator, instance_id, payload = world.started[0]
    assert (orchestrator, instance_id) == ("deliver_outcome", f"{RUN_ID}:deliver:run.succeeded")
    assert payload == {
        "schema_version": 1,
        "run_id": RUN_ID,
        "event": "run.succeeded",
        "request_id": None,
        "scale": 0.5,
    }


@pytest.mark.parametrize(
    ("attempts", "state", "running", "starts"),
    [(0, "pending", False, 1), (0, "pending", True, 0), (1, "pending", False, 0), (0, "failed", False, 0)],
)
async def test_starting_again_starts_only_what_never_began(world, attempts, state, running, starts):
    """Starting the id of a finished orchestration would post everything anew."""
    world.rows[OWED.id] = DeliveryRow(OWED, NOW, NOW, state=state, attempts=attempts)
    world.instances = {OWED.id} if running else set()
    await deliveries(world).start(OWED)
    assert len(world.started) == starts


async def test_another_one_that_started_it_is_no_error(world):
    """Two that end one run may both be here."""
    world.start_error = AlreadyStarted("there is one")
    await deliveries(world).start(OWED)


async def test_what_is_posted_is_the_status_document(world):
    """The receiver gets what a poll would give, under one id for all attempts."""
    await deliveries(world).start(OWED)
    for attempt in (1, 2):
        await post(world, attempt=attempt)
    assert world.posted[0] == world.posted[1]
    webhook_id, body = world.posted[0]
    assert webhook_id == f"msg_{RUN_ID}_run.succeeded"
    assert body == {
        "type": "run.succeeded",
        "timestamp": "2026-11-21T12:00:00.000Z",
        "data": world.document,
    }


@pytest.mark.parametrize("status", ["Running", "NotStarted", "InputRequired", "Canceled"])
async def test_nothing_is_posted_before_the_run_shows_the_outcome(world, status):
    """A receiver that polls must never see "running" after a callback."""
    world.document["status"] = status
    assert (await post(world)).kind == "not_ready"
    assert world.posted == []
    assert world.rows == {}


async def test_a_question_is_posted_while_it_is_open(world):
    """Each question has a delivery and an id of its own."""
    world.document |= {"status": "InputRequired", "input_requests": [{"id": "q1"}]}
    report = await post(world, event="run.input_required", request_id="q1")
    assert report.kind == "delivered"
    assert world.posted[0][0] == f"msg_{RUN_ID}_run.input_required_q1"


@pytest.mark.parametrize("gone", ["run", "callback", "question"])
async def test_what_nobody_can_want_any_more_is_dropped(world, gone):
    """Retention may be faster than a receiver, and a person faster than a callback."""
    options: dict[str, Any] = {}
    if gone == "run":
        world.run = None
    elif gone == "callback":
        world.run = replace(world.run, callback=None)
    else:
        options = {"event": "run.input_required", "request_id": "q1"}
    assert (await post(world, **options)).kind == "dropped"
    assert [row.state for row in world.rows.values()] == ["dropped"]
    assert world.posted == []


@pytest.mark.parametrize(
    ("attempt", "last", "state"),
    [
        (TAKEN, False, "delivered"),
        (PostResult(delivered=False, final=False, status=500, detail="d"), False, "pending"),
        (PostResult(delivered=False, final=False, status=500, detail="d"), True, "failed"),
        (PostResult(delivered=False, final=True, status=410, detail="d"), False, "failed"),
    ],
)
async def test_the_row_says_how_it_stands(world, attempt, last, state):
    """What failed for good stays as a dead letter, and is told from what is still tried."""
    world.attempt = attempt
    await post(world, attempt=3, last=last)
    row = world.rows[OWED.id]
    assert (row.state, row.attempts, row.status) == (state, 3, attempt.status)


async def test_a_run_that_never_shows_its_outcome_ends_as_a_dead_letter(world):
    """Even then nothing is lost without a trace."""
    world.document["status"] = "Running"
    await post(world, last=True)
    assert world.rows[OWED.id].state == "failed"


async def test_a_report_holds_what_the_schedule_needs_and_no_secret(world):
    """It goes into the orchestration's history."""
    world.attempt = PostResult(delivered=False, final=False, status=503, detail="busy", retry_after=9.0)
    report = await post(world)
    assert (report.kind, report.retry_after) == ("failed", 9.0)
    assert "s3cret" not in report.model_dump_json()


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize(
    "attempt", [TAKEN, PostResult(delivered=False, final=False, status=500, detail="answered 500")]
)
async def test_an_attempt_that_is_noted_is_not_made_again(world, attempt, last):
    """An activity that is redelivered after a crash must not post what it has posted and noted."""
    world.attempt = attempt
    first = await post(world, last=last)
    again = await post(world, last=last)
    assert len(world.posted) == 1
    assert (first.kind == "delivered", first.status) == (again.kind == "delivered", again.status)
