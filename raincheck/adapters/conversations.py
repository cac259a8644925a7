"""The conversations, in table RaincheckConversations: a partition each, a row per turn and a pointer."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from raincheck.adapters.storage import Storage
from raincheck.adapters.tables import Operation, Row, Table
from raincheck.service.conversations import Conversation, Turn

if TYPE_CHECKING:
    from azure.data.tables import TableEntity

__all__ = ["CONVERSATIONS_TABLE", "TableConversations"]

CONVERSATIONS_TABLE = "RaincheckConversations"
_POINTER = "pointer"
_TURN = "turn-"


class TableConversations:
    """Port Conversations on Azure Tables."""

    def __init__(self, storage: Storage) -> None:
        self._table = Table(storage, CONVERSATIONS_TABLE)

    async def read(self, conversation_id: str) -> Conversation:
        """Return a conversation, empty where it is unknown."""
        turns: list[Turn] = []
        sequence, etag = 0, ""
        # A page holds a thousand rows: whatever is in a conversation is read at one moment.
        async for row in self._table.query("PartitionKey eq @key", key=_partition(conversation_id)):
            if row["RowKey"] == _POINTER:
                sequence, etag = row["sequence"], str(row.metadata["etag"])
            else:
                turns.append(_turn(row))
        turns.sort(key=lambda turn: turn.sequence)
        return Conversation(conversation_id, sequence, tuple(turns), etag)

    async def turn(self, conversation_id: str, run_id: str) -> Turn | None:
        """Return the turn of a run, or None."""
        row = await self._table.get(_partition(conversation_id), _TURN + run_id)
        return None if row is None else _turn(row)

    async def enter(
        self, conversation: Conversation, turn: Turn, *, changed: Sequence[Turn], dropped: Sequence[Turn]
    ) -> bool:
        """Move the pointer to the new turn, write it and the changed ones and delete the dropped ones."""
        key = _partition(conversation.id)
        pointer = {
            "PartitionKey": key,
            "RowKey": _POINTER,
            "sequence": turn.sequence,
            "run_id": turn.run_id,
        }
        writes = [_write(pointer, conversation.etag), _write(_row(key, turn), turn.etag)]
        writes += [_write(_row(key, one), one.etag) for one in changed]
        writes += [Operation("delete", _row(key, one), one.etag) for one in dropped]
        return await self._table.transact(writes)

    async def change(self, conversation_id: str, turns: Sequence[Turn]) -> bool:
        """Write turns, all or none; False where one was changed since it was read."""
        key = _partition(conversation_id)
        return await self._table.transact([_write(_row(key, turn), turn.etag) for turn in turns])

    async def forget(self, conversation_id: str, run_id: str) -> None:
        """Delete the turn of a run, and the pointer where nothing else is left."""
        key = _partition(conversation_id)
        await self._table.delete(key, _TURN + run_id)
        rows = [row async for row in self._table.query("PartitionKey eq @key", key=key)]
        if [row["RowKey"] for row in rows] == [_POINTER]:
            await self._table.delete_as_read(rows[0])  # a new turn would have moved it


def _partition(conversation_id: str) -> str:
    return hashlib.sha256(conversation_id.encode("utf-8", "surrogatepass")).hexdigest()


def _write(row: Row, etag: str) -> Operation:
    return Operation("update", row, etag) if etag else Operation("create", row)


def _row(partition: str, turn: Turn) -> Row:
    optional = {
        "on_newer": turn.on_newer,
        "superseded_by": turn.superseded_by,
        "interrupted_by": turn.interrupted_by,
    }
    return {
        "PartitionKey": partition,
        "RowKey": _TURN + turn.run_id,
        "sequence": turn.sequence,
        "state": turn.state,
        "claimed_at": turn.claimed_at.isoformat(),
        **{name: value for name, value in optional.items() if value is not None},
    }


def _turn(row: "TableEntity") -> Turn:
    return Turn(
        run_id=row["RowKey"].removeprefix(_TURN),
        sequence=row["sequence"],
        state=row["state"],
        claimed_at=datetime.fromisoformat(row["claimed_at"]),
        on_newer=row.get("on_newer"),
        superseded_by=row.get("superseded_by"),
        interrupted_by=row.get("interrupted_by"),
        etag=str(row.metadata["etag"]),
    )
