"""The rows of the Idempotency-Keys in use, a partition each."""

from dataclasses import replace
from datetime import datetime

from typing_extensions import override

from raincheck.adapters import schema
from raincheck.adapters.storage import Row, Storage, Table
from raincheck.service.keys import IdempotencyKeys, KeyRow

__all__ = ["TableIdempotencyKeys"]


class TableIdempotencyKeys(IdempotencyKeys):
    """IdempotencyKeys on Azure Tables."""

    def __init__(self, storage: Storage) -> None:
        self._table = Table(storage, schema.KEYS)

    @override
    async def get(self, key: str) -> KeyRow | None:
        row = await self._table.get(key, schema.KEY_ROW)
        return None if row is None else _from_row(row, str(row.metadata["etag"]))

    @override
    async def put(self, row: KeyRow) -> KeyRow | None:
        etag = await self._table.put(_to_row(row), row.etag or None)
        if etag is not None:
            return replace(row, etag=etag)
        standing = await self.get(row.key)
        if standing is not None and replace(standing, etag=row.etag) == row:
            return standing  # the answer to our own write was lost, and the client's retry met it
        return None

    @override
    async def clear(self, *, before: datetime, limit: int = 1000) -> int:
        """Delete what expired before a time, at most so many, unless it was taken over meanwhile."""
        cleared = 0
        async for row in self._table.query("expires_at lt @before", before=_text(before)):
            cleared += await self._table.delete_as_read(row)
            if cleared >= limit:
                break
        return cleared


def _to_row(row: KeyRow) -> Row:
    return {
        "PartitionKey": row.key,
        "RowKey": schema.KEY_ROW,
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
