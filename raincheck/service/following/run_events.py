"""The events of a run that may have no log: from its log, else made from how it stands."""

import logging
from dataclasses import replace

from raincheck.errors import StorageUnavailable
from raincheck.events import Position, StoredEvent
from raincheck.outcomes import Outcome, fields_of, terminal_event
from raincheck.service.events import EventLog, EventPage
from raincheck.service.runs import RunRow
from raincheck.service.status import RunView, Status
from raincheck.timestamps import rfc3339

__all__ = ["PAGE", "RunEvents", "made"]

PAGE = 64 * 1024  # bytes of a log read in one go: what a reader holds that doesn't read on

_LOG = logging.getLogger(__name__)


class RunEvents:
    """Reads the events of one run. Each method raises StorageUnavailable where that can't be done."""

    def __init__(self, log: EventLog, row: RunRow) -> None:
        self._log = log
        self._row = row

    async def read(self, start: Position, status: Status) -> EventPage:
        """Return what the log has from `start` on."""
        page = await self._log.read(self._row.run_id, start, size=PAGE)
        if page.closed and not page.events:
            # Azurite tells of the seal with data from before it: only what is read after it is the end.
            page = await self._log.read(self._row.run_id, start, size=PAGE)
        return await self._completed(page, status)

    async def close(self, outcome: Outcome, start: Position, status: Status) -> EventPage:
        """Close the open log of a run that has ended, and return what it has from `start` on.

        Whoever was to close it died, or is about to do it.
        """
        _LOG.info("closing the log of run %s", self._row.run_id)
        await self._log.close(self._row.run_id, flow=self._row.flow, terminal=terminal_event(outcome))
        page = await self.read(start, status)
        if not (page.events or page.closed):
            raise StorageUnavailable("The log that was closed isn't seen closed yet.")
        return page

    async def _completed(self, page: EventPage, status: Status) -> EventPage:
        """Fill in a result that was too large for the log."""
        if not page.events or not page.events[-1].fields.get("result_omitted"):
            return page
        view = await status.read(self._row)
        if view.outcome is None:
            raise StorageUnavailable("The log is closed, and the run isn't seen ended yet.")
        rest = {name: value for name, value in page.events[-1].fields.items() if name != "result_omitted"}
        last = replace(page.events[-1], fields={**rest, **fields_of(view.outcome)})
        return replace(page, events=[*page.events[:-1], last])


def made(row: RunRow, view: RunView | None, start: Position) -> EventPage:
    """Build the page of a run without a log: it has its start (0) and, once ended, its end (1)."""
    started = {"time": rfc3339(row.created_at), "flow": row.flow}
    events = [StoredEvent(0, "run.started", started, Position(1))]
    if view is not None and view.outcome is not None:
        ended = {"time": rfc3339(view.updated_at), **fields_of(view.outcome)}
        events.append(StoredEvent(1, view.outcome.event, ended, Position(2)))
    wanted = events[start.sequence :]
    following = wanted[-1].next if wanted else start
    return EventPage(events=wanted, next=following, exists=False, closed=len(events) > 1)
