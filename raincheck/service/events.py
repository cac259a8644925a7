"""The port of the event logs: one writes to them, many read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from raincheck.events import Event, Position, StoredEvent

__all__ = ["EventLog", "EventPage", "EventWriter"]


class EventWriter(Protocol):
    """The end of the log that one attempt of one step writes to. Use it from one event loop."""

    async def write(self, event: Event) -> None:
        """Take an event. Returns at once unless much is waiting; what was taken goes out in order.

        The first one creates the log if need be and is preceded by `step.started`.

        Raises:
            LogClosed: the run has ended.
            StorageUnavailable: an earlier write could not be made, after retries with a limit.
        """
        ...

    async def flush(self) -> None:
        """Return when everything taken is stored. Raises as `write` does."""
        ...

    @property
    def used(self) -> bool:
        """Whether anything was written: then a terminal line is owed at the run's end."""
        ...


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events read in one go. `next` is where to read on; `closed` says that the log has its last line.

    `more`: there was more to read at once, so the same page will be read here for ever.
    """

    events: Sequence[StoredEvent]
    next: Position
    exists: bool
    closed: bool
    more: bool = False

    @property
    def ends(self) -> bool:
        """Whether nothing comes after this page."""
        return self.events[-1].terminal if self.events else self.closed


class EventLog(Protocol):
    """Port: the event logs, one a run (a sub-flow writes to the log of its root run)."""

    def writer(self, run_id: str, *, flow: str, step: str, step_key: str, attempt: int) -> EventWriter:
        """Open a writer; nothing is stored until the first event. `step_key` tells calls of a step apart."""
        ...

    async def read(
        self, run_id: str, start: Position, *, limit: int = 1000, size: int = 1024 * 1024
    ) -> EventPage:
        """Read on from `start`: at most `limit` events and about `size` bytes.

        An unknown run has an empty page. A hint that is wrong raises nothing: it is searched. A `start` past
        the end has no events, and `next` is the end then.
        """
        ...

    async def close(self, run_id: str, *, flow: str, terminal: Event) -> None:
        """Append the terminal line and seal, creating the log if need be. Twice is the same as once."""
        ...
