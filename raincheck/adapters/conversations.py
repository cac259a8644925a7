"""The rows of the conversations: a partition each, a row per turn and a pointer."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from typing_extensions import override

from raincheck.adapters import schema
from raincheck.adapters.storage import Operation, Row, Storage, Table
from raincheck.service.conversations import Conversation, Conversations, Turn

if TYPE_CHECKING:
    from azure.data.tables import TableEntity

__all__ = ["TableConversations"]


class TableConversations(Conversations):
    """Conversations on Azure Tables."""

    def __init__(self, storage: Storage) -> None:
        self._table = Table(storage, schema.CONVERSATIONS)

    @override
    async def read(self, conversation_id: str) -> Conversation:
        turns: list[Turn] = []
        sequence, etag = 0, ""
        # A page holds a thousand rows: whatever is in a conversation is read at one moment.
        async for row in self._table.query(
            "PartitionKey eq @key", key=schema.conversation_partition(conversation_id)
        ):
            if row["RowKey"] == schema.POINTER_ROW:
                sequence, etag = row["sequence"], str(row.metadata["etag"])
            else:
                turns.append(_turn(row))
        turns.sort(key=lambda turn: turn.sequence)
        return Conversation(conversation_id, sequence, tuple(turns), etag)

    @override
    async def turn(self, conversation_id: str, run_id: str) -> Turn | None:
        row = await self._table.get(schema.conversation_partition(conversation_id), schema.TURN + run_id)
        return None if row is None else _turn(row)

    @override
    async def enter(
        self, conversation: Conversation, turn: Turn, *, changed: Sequence[Turn], dropped: Sequence[Turn]
    ) -> bool:
        key = schema.conversation_partition(conversation.id)
        pointer = {
            "PartitionKey": key,
            "RowKey": schema.POINTER_ROW,
            "sequence": turn.sequence,
            "run_id": turn.run_id,
        }
        writes = [_write(pointer, conversation.etag), _write(_row(key, turn), turn.etag)]
        writes += [_write(_row(key, one), one.etag) for one in changed]
        writes += [Operation("delete", _row(key, one), one.etag) for one in dropped]
        return await self._table.transact(writes)

    @override
    async def change(self, conversation_id: str, turns: Sequence[Turn]) -> bool:
        key = schema.conversation_partition(conversation_id)
        return await self._table.transact([_write(_row(key, turn), turn.etag) for turn in turns])

    @override
    async def forget(self, conversation_id: str, run_id: str) -> None:
        """Delete the turn of a run, and the pointer where nothing else is left."""
        key = schema.conversation_partition(conversation_id)
        await self._table.delete(key, schema.TURN + run_id)
        rows = [row async for row in self._table.query("PartitionKey eq @key", key=key)]
        if [row["RowKey"] for row in rows] == [schema.POINTER_ROW]:
            await self._table.delete_as_read(rows[0])  # a new turn would have moved it


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
        "RowKey": schema.TURN + turn.run_id,
        "sequence": turn.sequence,
        "state": turn.state,
        "claimed_at": turn.claimed_at.isoformat(),
        **{name: value for name, value in optional.items() if value is not None},
    }


def _turn(row: "TableEntity") -> Turn:
    return Turn(
        run_id=row["RowKey"].removeprefix(schema.TURN),
        sequence=row["sequence"],
        state=row["state"],
        claimed_at=datetime.fromisoformat(row["claimed_at"]),
        on_newer=row.get("on_newer"),
        superseded_by=row.get("superseded_by"),
        interrupted_by=row.get("interrupted_by"),
        etag=str(row.metadata["etag"]),
    )
