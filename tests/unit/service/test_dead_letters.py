"""Dead letters: what failed for good raises an alarm, and can be delivered anew."""

import pytest

from raincheck.service.deliveries import DeliveryRow, PostResult
from raincheck.service.ports import UnfinishedRow
from tests.unit.service.delivering import NOW, OWED, TAKEN, Notes, World, deliveries, post


@pytest.fixture
def world():
    """Give a world in which a run has succeeded."""
    return World()


async def test_what_failed_for_good_raises_the_alarm(world):
    """Nobody looks into a table unasked."""
    world.attempt = PostResult(delivered=False, final=True, status=410, detail="no more")
    await post(world)
    assert [row.delivery.id for row in world.alarms] == [OWED.id]


@pytest.mark.parametrize("attempt", [TAKEN, PostResult(delivered=False, final=False, status=500, detail="d")])
async def test_what_was_delivered_or_is_still_tried_raises_none(world, attempt):
    """An alarm that is no alarm is soon ignored."""
    world.attempt = attempt
    await post(world)
    assert world.alarms == []


async def test_an_alarm_that_could_not_be_raised_is_raised_by_the_next_call(world):
    """The orchestration calls again after a failure, and nothing is posted for it."""
    world.attempt = PostResult(delivered=False, final=True, status=410, detail="no more")
    await post(world)
    world.alarms.clear()
    report = await post(world)
    assert (report.kind, len(world.posted), len(world.alarms)) == ("final", 1, 1)


async def test_a_dead_letter_is_delivered_anew(world):
    """Once a receiver is repaired, an operator need not start the run again."""
    world.rows[OWED.id] = DeliveryRow(OWED, NOW, NOW, "failed", 10, 500, "answered 500")
    world.instances, world.runtime_status = {OWED.id}, "Completed"
    assert await deliveries(world).redeliver(OWED)
    assert not world.rows[OWED.id].begun
    assert [instance_id for _, instance_id, _ in world.started] == [OWED.id]


@pytest.mark.parametrize(
    "row", [None, DeliveryRow(OWED, NOW, NOW), DeliveryRow(OWED, NOW, NOW, "delivered", 1)]
)
async def test_what_is_no_dead_letter_is_not_delivered_anew(world, row):
    """Neither what was taken nor what is still tried."""
    world.rows = {OWED.id: row} if row else {}
    assert not await deliveries(world).redeliver(OWED)
    assert world.started == []


async def test_a_redelivery_whose_start_failed_is_started_by_the_sweeper(world):
    """Reopening and starting are two writes, and a crash may come between."""
    notes = Notes()
    world.rows[OWED.id] = DeliveryRow(OWED, NOW, NOW, "failed", 10, 500, "answered 500")
    world.start_error = RuntimeError("crash")
    with pytest.raises(RuntimeError):
        await deliveries(world, notes).redeliver(OWED)
    world.start_error = None
    note = UnfinishedRow("delivery", OWED.id, NOW, notes.left[f"delivery {OWED.id}"])
    await deliveries(world, notes).resume(note)
    assert len(world.started) == 1
    assert notes.left
    await post(world)
    await deliveries(world, notes).resume(note)
    assert not notes.left
