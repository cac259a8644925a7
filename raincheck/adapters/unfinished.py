"""What was begun and is not done, in table RaincheckPending: partition = kind, row = key."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from raincheck.adapters.storage import Storage
from raincheck.adapters.tables import Table
from raincheck.service.ports import Clock, PendingRow

__all__ = ["PENDING_TABLE", "TablePending"]

PENDING_TABLE = "RaincheckPending"


class TablePending:
    """Port Pending on Azure Tables."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._table = Table(storage, PENDING_TABLE)
        self._clock = clock

    async def note(self, kind: str, key: str, data: dict[str, Any] | None = None) -> None:
        """Note it, or note it anew."""
        row = {
            "PartitionKey": kind,
            "RowKey": key,
            "since": self._clock().isoformat(),
            "data": json.dumps(data or {}),
        }
        await self._table.upsert([row])

    async def done(self, kind: str, key: str) -> None:
        """Cross it out."""
        await self._table.delete(kind, key)

    async def left(self, kind: str, *, before: datetime, limit: int = 100) -> Sequence[PendingRow]:
        """Return what was noted before a time, at most `limit` of it."""
        found: list[PendingRow] = []
        async for row in self._table.query("PartitionKey eq @kind", kind=kind):
            since = datetime.fromisoformat(row["since"])
            if since < before:
                found.append(PendingRow(kind, row["RowKey"], since, json.loads(row["data"])))
            if len(found) >= limit:
                break
        return found
