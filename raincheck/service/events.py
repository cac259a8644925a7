"""The events of a run: the port of the logs, and reading a run that may have none."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from raincheck.errors import StorageUnavailable
from raincheck.events import Event, Position, StoredEvent
from raincheck.outcomes import fields_of, terminal_event
from raincheck.service.runs import RunRow
from raincheck.service.status import RunView, Status
from raincheck.timestamps import rfc3339

__all__ = ["EventLog", "EventPage", "EventWriter", "RunEvents"]

_LOG = logging.getLogger(__name__)
STATUS_EVERY = 1.0  # seconds between two looks at the status of a run whose log is silent


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
    """Events read in one go. `next` is where to read on; `closed` says that the log has its last line."""

    events: Sequence[StoredEvent]
    next: Position
    exists: bool
    closed: bool

    @property
    def ends(self) -> bool:
        """Whether nothing comes after this page."""
        return self.events[-1].terminal if self.events else self.closed


class EventLog(Protocol):
    """Port: the event logs, one a run (a sub-flow writes to the log of its root run)."""

    def writer(self, run_id: str, *, flow: str, step: str, step_key: str, attempt: int) -> EventWriter:
        """Open a writer; nothing is stored until the first event. `step_key` tells calls of a step apart."""
        ...

    async def read(self, run_id: str, start: Position, *, limit: int = 1000) -> EventPage:
        """Read on from `start`: at most `limit` events and about 1 MB. An unknown run has an empty page.

        Also raises nothing for a hint that is wrong: it searches. A `start` past the end has no events.
        """
        ...

    async def close(self, run_id: str, *, flow: str, terminal: Event) -> None:
        """Append the terminal line and seal, creating the log if need be. Twice is the same as once."""
        ...


class RunEvents:
    """The events of one run, for one reader: from its log where it has one, else made from its status.

    `read` costs one look at the log while there is news in it.
    """

    def __init__(self, log: EventLog, status: Status, row: RunRow, monotonic: Callable[[], float]) -> None:
        self.row = row
        self._log = log
        self._status = status
        self._monotonic = monotonic
        self._look_again = monotonic()
        self._view: RunView | None = None

    @property
    def view(self) -> RunView | None:
        """How the run stood when its log was silent last; None where that wasn't looked at."""
        return self._view

    async def read(self, start: Position) -> EventPage:
        """Return what is there from `start` on. A page that is empty and closed: nothing comes any more.

        Raises:
            StorageUnavailable: it can't be read.
        """
        page = await self._log.read(self.row.run_id, start)
        if page.closed and not page.events:
            # Azurite tells of the seal with data from before it: only what is read after it is the end.
            page = await self._log.read(self.row.run_id, start)
        if page.events or page.closed:
            return await self._completed(page)
        view = await self._look()
        if view is None or view.outcome is None:
            return page if page.exists else _made(self.row, None, start)
        if not page.exists and not view.outcome.logged:
            return _made(self.row, view, start)
        # The run has ended and its log is open: whoever was to close it died, or is about to do it.
        _LOG.info("closing the log of run %s", self.row.run_id)
        await self._log.close(self.row.run_id, flow=self.row.flow, terminal=terminal_event(view.outcome))
        page = await self._log.read(self.row.run_id, start)
        if not (page.events or page.closed):
            raise StorageUnavailable("The log that was closed isn't seen closed yet.")
        return await self._completed(page)

    async def _look(self) -> RunView | None:
        """Look at the run's status, but not each time; an end is remembered."""
        ended = self._view is not None and self._view.outcome is not None
        if not ended and self._monotonic() >= self._look_again:
            self._view = await self._status.read(self.row)
            self._look_again = self._monotonic() + STATUS_EVERY
        return self._view

    async def _completed(self, page: EventPage) -> EventPage:
        """Fill in a result that was too large for the log."""
        if not page.events or not page.events[-1].fields.get("result_omitted"):
            return page
        view = self._view if self._view and self._view.outcome else await self._status.read(self.row)
        if view.outcome is None:
            raise StorageUnavailable("The log is closed, and the run isn't seen ended yet.")
        rest = {name: value for name, value in page.events[-1].fields.items() if name != "result_omitted"}
        last = replace(page.events[-1], fields={**rest, **fields_of(view.outcome)})
        return replace(page, events=[*page.events[:-1], last])


def _made(row: RunRow, view: RunView | None, start: Position) -> EventPage:
    """Build the page of a run without a log: it has its start (0) and, once ended, its end (1)."""
    started = {"time": rfc3339(row.created_at), "flow": row.flow}
    events = [StoredEvent(0, "run.started", started, Position(1))]
    if view is not None and view.outcome is not None:
        ended = {"time": rfc3339(view.updated_at), **fields_of(view.outcome)}
        events.append(StoredEvent(1, view.outcome.event, ended, Position(2)))
    wanted = events[start.sequence :]
    following = wanted[-1].next if wanted else start
    return EventPage(events=wanted, next=following, exists=False, closed=len(events) > 1)
