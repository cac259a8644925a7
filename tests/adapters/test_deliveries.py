"""Rows of deliveries on a real Azurite."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest

from raincheck.adapters.dead_letters import QueueDeadLetters
from raincheck.adapters.deliveries import TableDeliveries
from raincheck.adapters.schema import DEAD_LETTERS
from raincheck.errors import RequestError
from raincheck.service.deliveries import Delivery, DeliveryRow

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


async def test_of_many_that_create_a_delivery_one_does(storage, run_id):
    """A delivery is started once, whoever ends the run."""
    rows = TableDeliveries(storage)
    delivery = Delivery(run_id, "run.succeeded")
    assert sum(await asyncio.gather(*(rows.create(delivery, NOW) for _ in range(10)))) == 1
    assert await rows.get(delivery) == DeliveryRow(delivery, NOW, NOW)


async def test_each_channel_has_a_delivery_of_its_own(storage, run_id):
    """What one took, another may still have to take."""
    rows = TableDeliveries(storage)
    both = [Delivery(run_id, "run.succeeded"), Delivery(run_id, "run.succeeded", channel="chat")]
    assert [await rows.create(delivery, NOW) for delivery in both] == [True, True]
    assert [row.delivery for row in await rows.of_run(run_id)] == both


async def test_an_attempt_is_noted(storage, run_id):
    """Operators see what a receiver answered last."""
    rows = TableDeliveries(storage)
    delivery = Delivery(run_id, "run.input_required", "q1")
    await rows.create(delivery, NOW)
    await rows.note(delivery, attempt=2, state="pending", status=500, detail="answered 500", now=LATER)
    assert await rows.get(delivery) == DeliveryRow(delivery, NOW, LATER, "pending", 2, 500, "answered 500")


async def test_what_was_delivered_stays_delivered(storage, run_id):
    """An attempt that was redelivered after a crash may come to its end later."""
    rows = TableDeliveries(storage)
    delivery = Delivery(run_id, "run.failed")
    await rows.note(delivery, attempt=1, state="delivered", status=204, detail="", now=NOW)
    await rows.note(delivery, attempt=1, state="failed", status=None, detail="", now=LATER)
    assert (await rows.get(delivery)).state == "delivered"


async def test_noting_at_once_loses_nothing(storage, run_id):
    """The highest attempt counts, whichever is noted last."""
    rows = TableDeliveries(storage)
    delivery = Delivery(run_id, "run.canceled")
    await rows.create(delivery, NOW)
    notes = (
        rows.note(delivery, attempt=n, state="pending", status=None, detail="", now=NOW) for n in (1, 2, 3)
    )
    await asyncio.gather(*notes)
    assert (await rows.get(delivery)).attempts == 3


async def test_an_unknown_delivery_has_no_row(storage, run_id):
    """Nothing is created by looking."""
    assert await TableDeliveries(storage).get(Delivery(run_id, "run.succeeded")) is None


async def test_dead_letters_are_found_page_by_page(storage, run_id):
    """Operators list them; pages end anywhere."""
    rows = TableDeliveries(storage)
    for number in range(5):
        delivery = Delivery(f"{run_id}:{number}", "run.failed")
        state = "failed" if number % 2 == 0 else "pending"
        await rows.note(delivery, attempt=1, state=state, status=500, detail="", now=NOW)
    found, start = [], None
    while True:
        page = await rows.page("failed", start=start, limit=2)
        found += [row.delivery.run_id for row in page.rows if row.delivery.run_id.startswith(run_id)]
        start = page.next
        if start is None:
            break
    assert found == [f"{run_id}:{number}" for number in (0, 2, 4)]


async def test_all_deliveries_are_listed_without_a_state(storage, run_id):
    """Whatever their state."""
    rows = TableDeliveries(storage)
    await rows.create(Delivery(run_id, "run.failed"), NOW)
    page = await rows.page(None, limit=1000)
    assert run_id in [row.delivery.run_id for row in page.rows]


async def test_a_text_that_is_no_continuation_is_refused(storage):
    """It comes from outside."""
    with pytest.raises(RequestError):
        await TableDeliveries(storage).page(None, start="nonsense")


async def test_only_one_of_many_reopens_a_dead_letter(storage, run_id):
    """Two operators who click at once must not post twice."""
    rows = TableDeliveries(storage)
    delivery = Delivery(run_id, "run.failed")
    await rows.note(delivery, attempt=10, state="failed", status=500, detail="d", now=NOW)
    assert sum(await asyncio.gather(*(rows.reopen(delivery, LATER) for _ in range(5)))) == 1
    assert await rows.get(delivery) == DeliveryRow(delivery, NOW, LATER)


async def test_the_deliveries_of_a_run_are_found_and_deleted(storage, run_id):
    """Retention clears them with their run, and no other run's."""
    rows = TableDeliveries(storage)
    mine = [Delivery(run_id, "run.failed"), Delivery(run_id, "run.input_required", "q")]
    other = Delivery(f"{run_id}:1", "run.failed")
    for delivery in [*mine, other]:
        await rows.create(delivery, NOW)
    assert [row.delivery for row in await rows.of_run(run_id)] == mine
    for delivery in mine:
        await rows.delete(delivery)
    assert await rows.of_run(run_id) == []
    assert await rows.get(other) is not None


async def test_an_alarm_is_a_message_that_stays(storage, run_id):
    """The queue is made when first needed; the host reads base64."""
    row = DeliveryRow(Delivery(run_id, "run.failed"), NOW, LATER, "failed", 10, 500, "answered 500")
    await QueueDeadLetters(storage).alarm(row)
    queue = storage.queue(DEAD_LETTERS)
    (message,) = [message async for message in queue.receive_messages()]
    assert json.loads(message.content)["delivery"] == row.delivery.id
    assert message.expires_on.year == 9999
