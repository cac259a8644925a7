"""Reads the events of a run: from its log where it has one, else made from its status."""

import logging
from collections.abc import Callable
from dataclasses import replace

from raincheck.errors import StorageUnavailable
from raincheck.events import Position, StoredEvent
from raincheck.outcomes import fields_of, terminal_event
from raincheck.service.ports import EventLog, EventPage, RunRow
from raincheck.service.status import RunView, RunViews
from raincheck.timestamps import rfc3339

__all__ = ["RunEvents"]

_LOG = logging.getLogger(__name__)
STATUS_EVERY = 1.0  # seconds between two looks at the status of a run whose log is silent


class RunEvents:
    """The events of one run, for one reader. `read` costs one look at the log while there is news in it."""

    def __init__(self, log: EventLog, views: RunViews, row: RunRow, monotonic: Callable[[], float]) -> None:
        self._log = log
        self._views = views
        self._row = row
        self._monotonic = monotonic
        self._look_again = monotonic()
        self._view: RunView | None = None

    @property
    def view(self) -> RunView | None:
        """How the run stood when its log was silent last; None where that wasn't looked at."""
        return self._view

    async def read(self, start: Position) -> EventPage:
        """Return what is there from `start` on. A page that is empty and closed: nothing will come any more.

        Raises:
            StorageUnavailable: it can't be read.
        """
        page = await self._log.read(self._row.run_id, start)
        if page.closed and not page.events:
            # Azurite tells of the seal with data from before it: only what is read after it is the end.
            page = await self._log.read(self._row.run_id, start)
        if page.events or page.closed:
            return await self._completed(page)
        view = await self._look()
        if view is None or view.outcome is None:
            return page if page.exists else _made(self._row, None, start)
        if not page.exists and not view.outcome.logged:
            return _made(self._row, view, start)
        # The run has ended and its log is open: whoever was to close it died, or is about to do it.
        _LOG.info("closing the log of run %s", self._row.run_id)
        await self._log.close(self._row.run_id, flow=self._row.flow, terminal=terminal_event(view.outcome))
        page = await self._log.read(self._row.run_id, start)
        if not (page.events or page.closed):
            raise StorageUnavailable("The log that was closed isn't seen closed yet.")
        return await self._completed(page)

    async def _look(self) -> RunView | None:
        """Look at the run's status, but not each time; an end is remembered."""
        ended = self._view is not None and self._view.outcome is not None
        if not ended and self._monotonic() >= self._look_again:
            self._view = await self._views.read(self._row)
            self._look_again = self._monotonic() + STATUS_EVERY
        return self._view

    async def _completed(self, page: EventPage) -> EventPage:
        """Fill in a result that was too large for the log."""
        if not page.events or not page.events[-1].fields.get("result_omitted"):
            return page
        view = self._view if self._view and self._view.outcome else await self._views.read(self._row)
        if view.outcome is None:
            raise StorageUnavailable("The log is closed, and the run isn't seen ended yet.")
        kept = {name: value for name, value in page.events[-1].fields.items() if name != "result_omitted"}
        last = replace(page.events[-1], fields={**kept, **fields_of(view.outcome)})
        return replace(page, events=[*page.events[:-1], last])


def _made(row: RunRow, view: RunView | None, start: Position) -> EventPage:
    """Build the page of a run without a log: it has its start (0) and, once ended, its end (1)."""
    started = {"time": rfc3339(row.created_at), "flow": row.flow}
    events = [StoredEvent(0, "run.started", started, Position(1))]
    if view is not None and view.outcome is not None:
        ended = {"time": rfc3339(view.updated_at), **fields_of(view.outcome)}
        events.append(StoredEvent(1, view.outcome.event, ended, Position(2)))
    given = events[start.sequence :]
    following = given[-1].next if given else start
    return EventPage(events=given, next=following, exists=False, closed=len(events) > 1)
