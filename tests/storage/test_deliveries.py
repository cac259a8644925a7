"""Rows of deliveries on a real Azurite."""

import asyncio
from datetime import UTC, datetime, timedelta

from adapters.deliveries import TableDeliveries
from raincheck.deliveries import Delivery, DeliveryRow

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


async def test_of_many_that_create_a_delivery_one_does(storage, run_id):
    """A delivery is started once, whoever ends the run."""
    rows = TableDeliveries(storage)
    delivery = Delivery(run_id, "run.succeeded")
    assert sum(await asyncio.gather(*(rows.create(delivery, NOW) for _ in range(10)))) == 1
    assert await rows.get(delivery) == DeliveryRow(delivery, NOW, NOW)


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
