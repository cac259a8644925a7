"""What happened while a flow was played: what it asked for, in order, and what it was told when."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

__all__ = ["End", "PlayHistory"]


@dataclass(frozen=True)
class End:
    """A task that ended; `number` counts the calls from 0. None: the run was cancelled here."""

    number: int | None
    value: Any
    now: datetime


@dataclass
class PlayHistory:
    """The calls of one run, and its turns: what ended before each, in the order it came."""

    begun: datetime
    place: int = 0  # among the runs of a play, in the order they began
    calls: list[str] = field(default_factory=list)
    turns: list[list[End]] = field(default_factory=list)
    _untold: list[End] = field(default_factory=list)

    def note_call(self, call: str) -> int:
        """Remember what the flow asked for; return its number."""
        self.calls.append(call)
        return len(self.calls) - 1

    def note_end(self, number: int, value: Any, now: datetime) -> None:
        """Remember that something ended."""
        self._untold.append(End(number, value, now))

    def note_cancel(self, now: datetime) -> None:
        """Remember that the run was cancelled."""
        self._untold.append(End(None, None, now))

    def note_turn(self) -> None:
        """Remember that the flow goes on now, with all that has ended since its last turn."""
        if self._untold or not self.turns:
            self.turns.append(self._untold)
            self._untold = []

    def ids(self) -> Iterator[str]:
        """Return the ids that the run makes: the same in every test and replay, and no other run's."""
        return (str(uuid.UUID(int=(self.place << 64) + number)) for number in count())
