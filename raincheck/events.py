"""The events of a run: what a line of its log holds, and where a reader stands in it."""

from dataclasses import dataclass
from typing import Any, Literal

from raincheck import opaque

__all__ = ["START", "TERMINAL_TYPES", "Event", "EventType", "Position", "StoredEvent"]

EventType = Literal[
    "run.started",
    "step.started",
    "step.progress",
    "step.completed",
    "step.failed",
    "output.text.delta",
    "output.data",
    "run.succeeded",
    "run.failed",
    "run.canceled",
]
TERMINAL_TYPES = frozenset({"run.succeeded", "run.failed", "run.canceled"})


@dataclass(frozen=True, slots=True)
class Event:
    """Something to be written: a type and its own fields (JSON-ready), e.g. `{"text": "…"}`."""

    type: EventType
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Position:
    """Where a reader stands: the number of the next event, and where its line is expected.

    `sequence` alone is enough to go on; `blob` (0, 1, … as logs roll over) and `offset` (bytes) save the
    search. They are a hint and are checked: a wrong one costs a search, never a wrong event.
    """

    sequence: int = 0
    blob: int = 0
    offset: int = 0

    def encode(self) -> str:
        """Return the opaque text used as the `id:` of a server-sent event."""
        return opaque.encode([self.sequence, self.blob, self.offset])

    @classmethod
    def decode(cls, text: str) -> "Position":
        """Read what `encode` gave, or a plain sequence number (the last event seen).

        Raises:
            ValueError: it is neither.
        """
        if text.isascii() and text.isdigit() and len(text) <= 18:  # noqa: PLR2004 - 18 digits fit 64 bits
            return cls(sequence=int(text) + 1)
        try:
            raw = opaque.decode(text)
        except ValueError as error:
            raise ValueError("not a position") from error
        if (
            not isinstance(raw, list)
            or len(raw) != 3  # noqa: PLR2004 - as encode writes it
            or not all(type(n) is int and 0 <= n < 2**63 for n in raw)
        ):
            raise ValueError("not a position")
        return cls(*raw)


START = Position()
"""Where a log begins."""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as the log holds it: numbered, with the position right after it."""

    sequence_number: int
    type: str
    fields: dict[str, Any]
    next: Position

    @property
    def terminal(self) -> bool:
        """Whether the log ends with it."""
        return self.type in TERMINAL_TYPES
