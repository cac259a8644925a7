"""What was begun and is not done, in table RaincheckPending: partition = kind, row = key."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from raincheck.adapters.storage import Storage
from raincheck.adapters.tables import Table
from raincheck.service.ports import Clock, UnfinishedRow

__all__ = ["UNFINISHED_TABLE", "TableUnfinished"]

UNFINISHED_TABLE = "RaincheckPending"


class TableUnfinished:
    """Port Unfinished on Azure Tables."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._table = Table(storage, UNFINISHED_TABLE)
        self._clock = clock

    async def add(self, kind: str, key: str, data: dict[str, Any] | None = None) -> None:
        """Note it, or note it anew."""
        row = {
            "PartitionKey": kind,
            "RowKey": key,
            "since": self._clock().isoformat(),
            "data": json.dumps(data or {}),
        }
        await self._table.upsert([row])

    async def remove(self, kind: str, key: str) -> None:
        """Cross it out."""
        await self._table.delete(kind, key)

    async def due(self, kind: str, *, before: datetime, limit: int = 100) -> Sequence[UnfinishedRow]:
        """Return what was noted before a time, at most `limit` of it."""
        found: list[UnfinishedRow] = []
        async for row in self._table.query("PartitionKey eq @kind", kind=kind):
            since = datetime.fromisoformat(row["since"])
            if since < before:
                found.append(UnfinishedRow(kind, row["RowKey"], since, json.loads(row["data"])))
            if len(found) >= limit:
                break
        return found
