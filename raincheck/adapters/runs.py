"""The rows of the runs."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from typing_extensions import override

from raincheck.adapters import schema
from raincheck.adapters.page_tokens import continuation_of, page_token
from raincheck.adapters.storage import Row, Storage, Table
from raincheck.models import CallbackRequest
from raincheck.service.runs import RunIndex, RunPage, RunRow, Runs
from raincheck.values.text import well_formed_json

__all__ = ["TableRuns"]

MOST_DAYS = 100


class TableRuns(Runs, RunIndex):
    """Runs, and the index of them, on Azure Tables: the same rows, one by one and by days."""

    def __init__(self, storage: Storage) -> None:
        self._table = Table(storage, schema.RUNS)

    @override
    async def create(self, row: RunRow) -> None:
        """Write the row of a new run. An existing one is this run's own, since nobody else has its id."""
        await self._table.insert(_to_row(row))

    @override
    async def get(self, run_id: str) -> RunRow | None:
        row = await self._table.get(*schema.run_keys(run_id))
        return None if row is None else _from_row(row)

    @override
    async def page(self, day: str, *, start: str | None = None, limit: int = 100) -> RunPage:
        """Return rows of a day.

        Raises:
            RequestError: 422; `start` is not where another page ended.
        """
        rows, continuation = await self._table.page(
            "PartitionKey eq @day", {"day": day}, start=continuation_of(start), limit=limit
        )
        return RunPage([_from_row(row) for row in rows], page_token(continuation))

    @override
    async def days(self, *, before: str) -> Sequence[str]:
        """Return the days that have rows, by leaping from one to the next."""
        days: list[str] = []
        condition, last = "PartitionKey gt @last and PartitionKey lt @before", ""
        while len(days) < MOST_DAYS:
            rows, _ = await self._table.page(condition, {"last": last, "before": before}, limit=1)
            if not rows:
                break
            last = rows[0]["PartitionKey"]
            days.append(last)
        return days

    @override
    async def delete(self, run_id: str) -> None:
        await self._table.delete(*schema.run_keys(run_id))


def _to_row(row: RunRow) -> Row:
    partition, key = schema.run_keys(row.run_id)
    optional = {
        "conversation_id": row.conversation_id,
        "principal": row.principal,
        "channel": row.channel,
        # bytes: 16 entries of 512 characters may be more than the 32,768 characters of a string property
        "metadata": _pack(row.metadata) if row.metadata else None,
        "callback": row.callback.model_dump_json() if row.callback else None,
        "base_url": row.base_url,
        "targets": _pack(row.targets) if row.targets else None,
    }
    return {
        "PartitionKey": partition,
        "RowKey": key,
        "flow": row.flow,
        "version": row.version,
        "created_at": row.created_at.isoformat(),
        **{name: value for name, value in optional.items() if value is not None},
    }


def _from_row(row: Row) -> RunRow:
    callback = row.get("callback")
    return RunRow(
        run_id=row["RowKey"],
        flow=row["flow"],
        version=row["version"],
        created_at=datetime.fromisoformat(row["created_at"]),
        conversation_id=row.get("conversation_id"),
        principal=row.get("principal"),
        channel=row.get("channel"),
        metadata=json.loads(row["metadata"]) if "metadata" in row else {},
        callback=CallbackRequest.model_validate_json(callback) if callback else None,
        base_url=row.get("base_url"),
        targets=json.loads(row["targets"]) if "targets" in row else {},
    )


def _pack(value: Any) -> bytes:
    return json.dumps(well_formed_json(value), ensure_ascii=False, separators=(",", ":")).encode()
