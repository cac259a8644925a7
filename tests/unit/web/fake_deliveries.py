"""Deliveries in memory."""

from dataclasses import replace
from typing import Any

from raincheck.errors import RequestError
from raincheck.models import CallbackRequest
from raincheck.service.deliveries import DeliveryPage

__all__ = ["FakeDeliveries", "FakeWebhooks"]


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

    async def redeliver(self, delivery, orchestrations):
        row = self.rows[delivery.id]
        if row.state not in {"failed", "dropped"}:
            return False
        self.rows[delivery.id] = replace(row, state="pending", attempts=0)
        return True


class FakeWebhooks:
    def check(self, callback: CallbackRequest) -> None:
        if "evil" in callback.url:
            raise RequestError(422, "callback_not_allowed", "That URL is not allowed.")

    async def post(self, callback: CallbackRequest, *, webhook_id: str, body: bytes) -> Any:
        raise NotImplementedError
