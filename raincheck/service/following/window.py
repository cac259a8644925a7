"""The events that a tail has seen last: as much as readers who keep up need, and no more."""

from collections.abc import Sequence
from itertools import pairwise

from raincheck.events import Position, StoredEvent

__all__ = ["Window"]

MOST = 256 * 1024  # bytes of a log
_UNKNOWN = 1024  # bytes that an event is taken for where it doesn't follow another one in its blob


class Window:
    """Events without a gap, up to `end`; None until it is known where a log is read."""

    def __init__(self, most: int = MOST) -> None:
        self.end: Position | None = None
        self._most = most
        self._events: list[StoredEvent] = []

    def take(self, events: Sequence[StoredEvent], end: Position) -> bool:
        """Take events that were read, up to `end`; return whether that is further than before.

        Whoever reads furthest decides where the window is: what lies between is forgotten.
        """
        if self.end is not None and end.sequence <= self.end.sequence:
            return False
        if self.end is None or not events or events[0].sequence_number > self.end.sequence:
            self._events = list(events)
        else:
            self._events += [event for event in events if event.sequence_number >= self.end.sequence]
        self.end = end
        self._trim()
        return True

    def since(self, position: Position) -> list[StoredEvent]:
        """Return the events from a position on; none where it begins before the window, or after it."""
        if not self._events or position.sequence < self._events[0].sequence_number:
            return []
        return self._events[position.sequence - self._events[0].sequence_number :]

    def _trim(self) -> None:
        sizes = [_UNKNOWN, *(_size(before, event) for before, event in pairwise(self._events))]
        surplus, first = sum(sizes) - self._most, 0
        while surplus > 0 and first < len(self._events) - 1:
            surplus -= sizes[first]
            first += 1
        del self._events[:first]


def _size(before: StoredEvent, event: StoredEvent) -> int:
    size = event.next.offset - before.next.offset
    return size if before.next.blob == event.next.blob and size > 0 else _UNKNOWN
