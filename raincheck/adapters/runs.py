"""The rows of the runs, in table RaincheckRuns: partition = day, row = run id."""

import json
from datetime import datetime
from typing import Any

from raincheck.adapters.storage import Storage
from raincheck.adapters.tables import Row, Table
from raincheck.models import CallbackRequest
from raincheck.run_ids import day_of
from raincheck.service.runs import RunRow

__all__ = ["RUNS_TABLE", "TableRuns", "from_row"]

RUNS_TABLE = "RaincheckRuns"


class TableRuns:
    """Port Runs on Azure Tables."""

    def __init__(self, storage: Storage) -> None:
        self._table = Table(storage, RUNS_TABLE)

    async def create(self, row: RunRow) -> None:
        """Write the row of a new run. An existing one is this run's own, since nobody else has its id."""
        await self._table.insert(_to_row(row))

    async def get(self, run_id: str) -> RunRow | None:
        """Return the row of a run, or None."""
        row = await self._table.get(day_of(run_id), run_id)
        return None if row is None else from_row(row)


def _to_row(row: RunRow) -> Row:
    optional = {
        "conversation_id": row.conversation_id,
        "channel": row.channel,
        # bytes: 16 entries of 512 characters may be more than the 32,768 characters of a string property
        "metadata": _pack(row.metadata) if row.metadata else None,
        "callback": row.callback.model_dump_json() if row.callback else None,
        "base_url": row.base_url,
    }
    return {
        "PartitionKey": day_of(row.run_id),
        "RowKey": row.run_id,
        "flow": row.flow,
        "version": row.version,
        "created_at": row.created_at.isoformat(),
        **{name: value for name, value in optional.items() if value is not None},
    }


def from_row(row: Row) -> RunRow:
    """Build the port's row of the table's."""
    callback = row.get("callback")
    return RunRow(
        run_id=row["RowKey"],
        flow=row["flow"],
        version=row["version"],
        created_at=datetime.fromisoformat(row["created_at"]),
        conversation_id=row.get("conversation_id"),
        channel=row.get("channel"),
        metadata=json.loads(row["metadata"]) if "metadata" in row else {},
        callback=CallbackRequest.model_validate_json(callback) if callback else None,
        base_url=row.get("base_url"),
    )


def _pack(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")
