"""The Idempotency-Keys in use, in table RaincheckStarts: a partition per key, which is hashed."""

from dataclasses import replace
from datetime import datetime

from raincheck.adapters.storage import Storage
from raincheck.adapters.tables import Row, Table
from raincheck.service.keys import KeyRow

__all__ = ["KEYS_TABLE", "TableIdempotencyKeys"]

KEYS_TABLE = "RaincheckStarts"
_ROW = "start"


class TableIdempotencyKeys:
    """Port IdempotencyKeys on Azure Tables."""

    def __init__(self, storage: Storage) -> None:
        self._table = Table(storage, KEYS_TABLE)

    async def get(self, key: str) -> KeyRow | None:
        """Return the row of a key, or None."""
        found = await self._table.get(key, _ROW)
        return None if found is None else _from_row(found, str(found.metadata["etag"]))

    async def put(self, row: KeyRow) -> KeyRow | None:
        """Create the row, or replace it as it was read; None where another one was faster."""
        etag = await self._table.put(_to_row(row), row.etag or None)
        if etag is not None:
            return replace(row, etag=etag)
        found = await self.get(row.key)
        if found is not None and replace(found, etag=row.etag) == row:
            return found  # the answer to our own write was lost, and the client's retry met it
        return None

    async def clear(self, *, before: datetime, limit: int = 1000) -> int:
        """Delete what expired before a time, at most so many, unless it was taken over meanwhile."""
        cleared = 0
        async for found in self._table.query("expires_at lt @before", before=_text(before)):
            cleared += await self._table.delete_as_read(found)
            if cleared >= limit:
                break
        return cleared


def _to_row(row: KeyRow) -> Row:
    return {
        "PartitionKey": row.key,
        "RowKey": _ROW,
        "request": row.request,
        "run_id": row.run_id,
        "starter": row.starter,
        "state": row.state,
        "claimed_at": _text(row.claimed_at),
        "expires_at": _text(row.expires_at),
    }


def _from_row(row: Row, etag: str) -> KeyRow:
    return KeyRow(
        key=row["PartitionKey"],
        request=row["request"],
        run_id=row["run_id"],
        starter=row["starter"],
        state=row["state"],
        claimed_at=datetime.fromisoformat(row["claimed_at"]),
        expires_at=datetime.fromisoformat(row["expires_at"]),
        etag=etag,
    )


def _text(time: datetime) -> str:
    return time.isoformat(timespec="microseconds")  # of one length: storage compares it as text
