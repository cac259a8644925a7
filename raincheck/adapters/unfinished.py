"""What was begun and is not done: a row each."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from typing_extensions import override

from raincheck.adapters import schema
from raincheck.adapters.storage import Storage, Table
from raincheck.service.ports import Clock, Unfinished, UnfinishedRow

__all__ = ["TableUnfinished"]


class TableUnfinished(Unfinished):
    """Unfinished on Azure Tables."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._table = Table(storage, schema.UNFINISHED)
        self._clock = clock

    @override
    async def add(self, kind: str, key: str, data: dict[str, Any] | None = None) -> None:
        row = {
            "PartitionKey": kind,
            "RowKey": key,
            "since": self._clock().isoformat(),
            "data": json.dumps(data or {}),
        }
        await self._table.upsert([row])

    @override
    async def remove(self, kind: str, key: str) -> None:
        await self._table.delete(kind, key)

    @override
    async def due(self, kind: str, *, before: datetime, limit: int = 100) -> Sequence[UnfinishedRow]:
        """Return what was noted before a time, at most `limit` of it."""
        due: list[UnfinishedRow] = []
        async for row in self._table.query("PartitionKey eq @kind", kind=kind):
            since = datetime.fromisoformat(row["since"])
            if since < before:
                due.append(UnfinishedRow(kind, row["RowKey"], since, json.loads(row["data"])))
            if len(due) >= limit:
                break
        return due
