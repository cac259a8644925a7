"""The rows of the deliveries, in table RaincheckDeliveries: partition = day of the run, row = delivery id."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from raincheck.adapters.page_tokens import continuation, continuation_text
from raincheck.adapters.storage import Storage
from raincheck.adapters.tables import Row, Table
from raincheck.errors import StorageUnavailable
from raincheck.models import CallbackEvent
from raincheck.run_ids import day_of
from raincheck.service.deliveries import Delivery, DeliveryPage, DeliveryRow, DeliveryState

__all__ = ["DELIVERIES_TABLE", "TableDeliveries"]

DELIVERIES_TABLE = "RaincheckDeliveries"
_TRIES = 5  # an attempt that was redelivered may note at the same time


class TableDeliveries:
    """Port Deliveries on Azure Tables."""

    def __init__(self, storage: Storage) -> None:
        self._table = Table(storage, DELIVERIES_TABLE)

    async def create(self, delivery: Delivery, now: datetime) -> bool:
        """Write the row of a delivery that is owed from now on; False where there is one."""
        return await self._table.insert(_to_row(DeliveryRow(delivery, created_at=now, updated_at=now)))

    async def get(self, delivery: Delivery) -> DeliveryRow | None:
        """Return the row, or None."""
        row = await self._table.get(day_of(delivery.run_id), delivery.id)
        return None if row is None else _from_row(row)

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
            row = await self._table.get(day_of(delivery.run_id), delivery.id)
            if row is None:
                await self.create(delivery, now)
                continue
            known = _from_row(row)
            if known.state == "delivered":
                return
            noted = DeliveryRow(
                delivery=delivery,
                created_at=known.created_at,
                updated_at=now,
                state=state,
                attempts=max(attempt, known.attempts),
                status=status,
                detail=detail,
            )
            if await self._table.replace(_to_row(noted), str(row.metadata["etag"])):
                return
        raise StorageUnavailable("The delivery's row kept changing.")

    async def reopen(self, delivery: Delivery, now: datetime) -> bool:
        """Make what failed or was dropped pending again, without attempts; False where it is neither."""
        row = await self._table.get(day_of(delivery.run_id), delivery.id)
        known = None if row is None else _from_row(row)
        if row is None or known is None or known.state not in {"failed", "dropped"}:
            return False
        fresh = DeliveryRow(delivery, created_at=known.created_at, updated_at=now)
        return await self._table.replace(_to_row(fresh), str(row.metadata["etag"]))

    async def page(
        self, state: DeliveryState | None, *, start: str | None = None, limit: int = 100
    ) -> DeliveryPage:
        """Return rows, of one state or of all, from the oldest day or from where another page ended.

        Raises:
            RequestError: 422; `start` is not where another page ended.
        """
        condition, parameters = ("state eq @state", {"state": state}) if state else ("PartitionKey gt ''", {})
        rows, following = await self._table.page(
            condition, parameters, start=continuation(start), limit=limit
        )
        return DeliveryPage([_from_row(row) for row in rows], continuation_text(following))

    async def of_run(self, run_id: str) -> Sequence[DeliveryRow]:
        """Return the rows of a run's deliveries: their keys begin with its id."""
        rows = self._table.query(
            "PartitionKey eq @day and RowKey gt @first and RowKey lt @last",
            day=day_of(run_id),
            first=f"{run_id}:deliver:",
            last=f"{run_id}:deliver;",  # `;` comes right after `:`
        )
        return [_from_row(row) async for row in rows]

    async def delete(self, delivery: Delivery) -> None:
        """Delete the row."""
        await self._table.delete(day_of(delivery.run_id), delivery.id)


def _to_row(row: DeliveryRow) -> Row:
    delivery = row.delivery
    optional = {"request_id": delivery.request_id, "status": row.status}
    return {
        "PartitionKey": day_of(delivery.run_id),
        "RowKey": delivery.id,
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
        delivery=Delivery(row["run_id"], event, row.get("request_id")),
        created_at=datetime.fromisoformat(row["created_at"]),
        updated_at=datetime.fromisoformat(row["updated_at"]),
        state=state,
        attempts=row["attempts"],
        status=row.get("status"),
        detail=row["detail"],
    )
