"""Conversations and keys in memory, with what another host does meanwhile."""

import asyncio
import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from raincheck.errors import StorageUnavailable
from raincheck.service.conversations import Conversation, Turn
from raincheck.service.keys import KeyRow

NOW = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)


class FakeConversations:
    """Conversations in memory. `meanwhile` runs before a write: what another host does at that moment."""

    def __init__(self) -> None:
        self.pointers: dict[str, tuple[int, str]] = {}
        self.turns: dict[str, dict[str, Turn]] = {}
        self.meanwhile: Callable[[], object] = lambda: None
        self._etags = 0

    async def read(self, conversation_id: str) -> Conversation:
        sequence, etag = self.pointers.get(conversation_id, (0, ""))
        turns = sorted(self.turns.get(conversation_id, {}).values(), key=lambda turn: turn.sequence)
        await asyncio.sleep(0)
        return Conversation(conversation_id, sequence, tuple(turns), etag)

    async def turn(self, conversation_id: str, run_id: str) -> Turn | None:
        return self.turns.get(conversation_id, {}).get(run_id)

    async def enter(self, conversation: Conversation, turn: Turn, *, changed: Any, dropped: Any) -> bool:
        self.meanwhile()
        if self.pointers.get(conversation.id, (0, ""))[1] != conversation.etag:
            return False
        if not self._as_read(conversation.id, [turn, *changed, *dropped]):
            return False
        self.pointers[conversation.id] = (turn.sequence, self._etag())
        self._write(conversation.id, [turn, *changed])
        for one in dropped:
            del self.turns[conversation.id][one.run_id]
        return True

    async def change(self, conversation_id: str, turns: Any) -> bool:
        self.meanwhile()
        if not self._as_read(conversation_id, turns):
            return False
        self._write(conversation_id, turns)
        return True

    async def forget(self, conversation_id: str, run_id: str) -> None:
        self.turns[conversation_id].pop(run_id, None)

    def put(self, conversation_id: str, **fields: Any) -> Turn:
        """Put a turn there, the newest by its number."""
        turn = Turn(**{"state": "open", "claimed_at": NOW, **fields})
        self.pointers[conversation_id] = (turn.sequence, self._etag())
        self._write(conversation_id, [turn])
        return self.turns[conversation_id][turn.run_id]

    def _etag(self) -> str:
        self._etags += 1
        return str(self._etags)

    def _as_read(self, conversation_id: str, turns: Any) -> bool:
        found = self.turns.get(conversation_id, {})
        return all((found[t.run_id].etag if t.run_id in found else "") == t.etag for t in turns)

    def _write(self, conversation_id: str, turns: Any) -> None:
        for turn in turns:
            written = dataclasses.replace(turn, etag=self._etag())
            self.turns.setdefault(conversation_id, {})[turn.run_id] = written


class FakeKeys:
    """The rows of the keys. `meanwhile` runs before a write: what another starter does at that moment."""

    def __init__(self) -> None:
        self.rows: dict[str, KeyRow] = {}
        self.away = False
        self.meanwhile: Callable[[KeyRow], object] = lambda _: None
        self._etags = 0

    async def get(self, key: str) -> KeyRow | None:
        return self.rows.get(key)

    async def put(self, row: KeyRow) -> KeyRow | None:
        if self.away:
            raise StorageUnavailable("tables are away")
        self.meanwhile(row)
        found = self.rows.get(row.key)
        if (found.etag if found else "") != row.etag:
            return None
        self._etags += 1
        self.rows[row.key] = dataclasses.replace(row, etag=str(self._etags))
        return self.rows[row.key]

    async def clear(self, *, before: datetime, limit: int = 1000) -> int:
        old = [key for key, row in self.rows.items() if row.expires_at < before]
        for key in old:
            del self.rows[key]
        return len(old)
