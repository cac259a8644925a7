"""Conversations: the runs that were started in each, in order, and what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from raincheck.models import OnNewer

__all__ = ["Conversation", "Conversations", "Turn", "TurnState"]

TurnState = Literal["open", "waiting", "ended", "not_started"]
"""`open`: goes on, or is being started. `waiting`: its run waits until those before it have ended."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A run's place in its conversation. `claimed_at`: the start takeover counts from it.

    `on_newer` is what its own start asked for; `superseded_by` the first run that made its result old news,
    `interrupted_by` the newest one that wants it to end.
    """

    run_id: str
    sequence: int
    state: TurnState
    claimed_at: datetime
    on_newer: OnNewer | None = None
    superseded_by: str | None = None
    interrupted_by: str | None = None
    etag: str = ""

    @property
    def is_open(self) -> bool:
        """Whether its run has not ended, as far as is known."""
        return self.state in {"open", "waiting"}


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation as it was read. `turns` by sequence, the oldest pruned; `etag` is its pointer's."""

    id: str
    sequence: int = 0  # of the newest turn
    turns: Sequence[Turn] = ()
    etag: str = ""

    @property
    def open_turns(self) -> list[Turn]:
        """Those whose runs have not ended."""
        return [turn for turn in self.turns if turn.is_open]

    def turn(self, run_id: str) -> Turn | None:
        """Return the turn of a run, or None."""
        return next((turn for turn in self.turns if turn.run_id == run_id), None)


class Conversations(Protocol):
    """Port: the rows of the conversations. Turns are written as they were read, or not at all."""

    async def read(self, conversation_id: str) -> Conversation:
        """Return a conversation, empty where it is unknown."""
        ...

    async def turn(self, conversation_id: str, run_id: str) -> Turn | None:
        """Return the turn of a run, or None. One storage read."""
        ...

    async def enter(
        self, conversation: Conversation, turn: Turn, *, changed: Sequence[Turn], dropped: Sequence[Turn]
    ) -> bool:
        """Move the pointer to the new turn, write it and the changed ones and delete the dropped ones.

        All of it or nothing; False where anything was changed since it was read.
        """
        ...

    async def change(self, conversation_id: str, turns: Sequence[Turn]) -> bool:
        """Write turns, all or none; False where one was changed since it was read."""
        ...

    async def forget(self, conversation_id: str, run_id: str) -> None:
        """Delete the turn of a run that is cleared away, and what is left where it was the last."""
        ...
