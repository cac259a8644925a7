"""The rows of the deliveries, with their runs' days as partitions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from typing_extensions import override

from raincheck.adapters import schema
from raincheck.adapters.page_tokens import continuation_of, page_token
from raincheck.adapters.storage import Row, Storage, Table
from raincheck.errors import StorageUnavailable
from raincheck.models import CallbackEvent
from raincheck.run_ids import day_of
from raincheck.service.deliveries import (
    CALLBACK,
    Deliveries,
    Delivery,
    DeliveryPage,
    DeliveryRow,
    DeliveryState,
)

__all__ = ["TableDeliveries"]

_TRIES = 5  # an attempt that was redelivered may note at the same time


class TableDeliveries(Deliveries):
    """Deliveries on Azure Tables."""

    def __init__(self, storage: Storage) -> None:
        self._table = Table(storage, schema.DELIVERIES)

    @override
    async def create(self, delivery: Delivery, now: datetime) -> bool:
        return await self._table.insert(_to_row(DeliveryRow(delivery, created_at=now, updated_at=now)))

    @override
    async def get(self, delivery: Delivery) -> DeliveryRow | None:
        row = await self._table.get(*schema.delivery_keys(delivery))
        return None if row is None else _from_row(row)

    @override
    async def note(
        self,
        delivery: Delivery,
        *,
        attempt: int,
        state: DeliveryState,
        status: int | None,
        detail: str,
        now: datetime,
    ) -> None:
        """Note what came of an attempt. What was delivered stays delivered.

        Raises:
            StorageUnavailable: it could not be noted.
        """
        for _ in range(_TRIES):
            row = await self._table.get(*schema.delivery_keys(delivery))
            if row is None:
                await self.create(delivery, now)
                continue
            before = _from_row(row)
            if before.state == "delivered":
                return
            after = DeliveryRow(
                delivery=delivery,
                created_at=before.created_at,
                updated_at=now,
                state=state,
                attempts=max(attempt, before.attempts),
                status=status,
                detail=detail,
            )
            if await self._table.replace(_to_row(after), str(row.metadata["etag"])):
                return
        raise StorageUnavailable("The delivery's row kept changing.")

    @override
    async def reopen(self, delivery: Delivery, now: datetime) -> bool:
        row = await self._table.get(*schema.delivery_keys(delivery))
        before = None if row is None else _from_row(row)
        if row is None or before is None or before.state not in {"failed", "dropped"}:
            return False
        fresh = DeliveryRow(delivery, created_at=before.created_at, updated_at=now)
        return await self._table.replace(_to_row(fresh), str(row.metadata["etag"]))

    @override
    async def page(
        self, state: DeliveryState | None, *, start: str | None = None, limit: int = 100
    ) -> DeliveryPage:
        condition, parameters = ("state eq @state", {"state": state}) if state else ("PartitionKey gt ''", {})
        rows, continuation = await self._table.page(
            condition, parameters, start=continuation_of(start), limit=limit
        )
        return DeliveryPage([_from_row(row) for row in rows], page_token(continuation))

    @override
    async def of_run(self, run_id: str) -> Sequence[DeliveryRow]:
        """Return the rows of a run's deliveries: their keys begin with its id."""
        rows = self._table.query(
            "PartitionKey eq @day and RowKey gt @first and RowKey lt @last",
            day=day_of(run_id),
            first=f"{run_id}:deliver:",
            last=f"{run_id}:deliver;",  # `;` comes right after `:`
        )
        return [_from_row(row) async for row in rows]

    @override
    async def delete(self, delivery: Delivery) -> None:
        await self._table.delete(*schema.delivery_keys(delivery))


def _to_row(row: DeliveryRow) -> Row:
    delivery = row.delivery
    partition, key = schema.delivery_keys(delivery)
    channel = None if delivery.channel == CALLBACK else delivery.channel
    optional = {"request_id": delivery.request_id, "channel": channel, "status": row.status}
    return {
        "PartitionKey": partition,
        "RowKey": key,
        "run_id": delivery.run_id,
        "event": delivery.event,
        "created_at": row.created_at.isoformat(),
        "updated_at": row.updated_at.isoformat(),
        "state": row.state,
        "attempts": row.attempts,
        "detail": row.detail,
        **{name: value for name, value in optional.items() if value is not None},
    }


def _from_row(row: Row) -> DeliveryRow:
    event = cast("CallbackEvent", row["event"])
    state: Any = row["state"]
    return DeliveryRow(
        delivery=Delivery(row["run_id"], event, row.get("request_id"), row.get("channel", CALLBACK)),
        created_at=datetime.fromisoformat(row["created_at"]),
        updated_at=datetime.fromisoformat(row["updated_at"]),
        state=state,
        attempts=row["attempts"],
        status=row.get("status"),
        detail=row["detail"],
    )
