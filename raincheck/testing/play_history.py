"""What happened while a flow was played: what it asked for, in order, and what ended when."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

__all__ = ["End", "PlayHistory"]


@dataclass(frozen=True)
class End:
    """A task that ended; `number` counts the calls from 0. None: the run was cancelled here."""

    number: int | None
    value: Any
    now: datetime | None


@dataclass
class PlayHistory:
    """The calls of a flow, and the ends in the order they came."""

    calls: list[str] = field(default_factory=list)
    ends: list[End] = field(default_factory=list)

    def note_call(self, call: str) -> None:
        """Remember what the flow asked for."""
        self.calls.append(call)

    def note_end(self, number: int, value: Any, now: datetime) -> None:
        """Remember that something ended."""
        self.ends.append(End(number, value, now))

    def note_cancel(self) -> None:
        """Remember that the run was cancelled."""
        self.ends.append(End(None, None, None))
