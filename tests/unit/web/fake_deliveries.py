"""Deliveries in memory."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from raincheck.errors import RequestError
from raincheck.models import CallbackEvent, StartRequest
from raincheck.service.deliveries import Delivery, DeliveryPage, PostResult
from raincheck.service.runs import RunRow

__all__ = ["FakeChannel", "FakeDeliveries"]


class FakeDeliveries:
    """Rows by id; what was given up can be delivered anew."""

    def __init__(self):
        self.rows = {}

    def add(self, row):
        self.rows[row.delivery.id] = row

    async def get(self, delivery):
        return self.rows.get(delivery.id)

    async def page(self, state, *, start=None, limit=100):
        rows = [row for row in self.rows.values() if state in (None, row.state)]
        first = int(start or 0)
        return DeliveryPage(rows[first : first + 1], str(first + 1) if first + 1 < len(rows) else None)

    async def reopen(self, delivery, now):
        row = self.rows[delivery.id]
        if row.state not in {"failed", "dropped"}:
            return False
        self.rows[delivery.id] = replace(row, state="pending", attempts=0)
        return True

    async def create(self, delivery, now):
        return delivery.id not in self.rows


class FakeChannel:
    """Callbacks, of which nothing is posted."""

    def target_of(self, request: StartRequest) -> None:
        if request.callback is not None and "evil" in request.callback.url:
            raise RequestError(422, "callback_not_allowed", "That URL is not allowed.")

    def events_of(self, run: RunRow) -> Collection[CallbackEvent]:
        return () if run.callback is None else run.callback.events

    async def deliver(self, delivery: Delivery, document: Any, *, run: RunRow, since: datetime) -> PostResult:
        raise NotImplementedError
