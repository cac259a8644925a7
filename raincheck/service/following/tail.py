"""The tail of one run in one process: its readers take turns at looking, and all see what one has seen.

A tail has no task of its own. A reader that waits leads: it looks, with its own invocation's client; and
when it leaves, another one leads. So nothing is looked at for nobody, and nothing outlives the readers.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable

from raincheck.errors import StorageUnavailable
from raincheck.events import Position
from raincheck.service.events import EventLog, EventPage
from raincheck.service.following.nudges import Bell, Nudge
from raincheck.service.following.run_events import RunEvents, made
from raincheck.service.following.shared_pages import SharedPages
from raincheck.service.following.window import Window
from raincheck.service.runs import RunRow
from raincheck.service.status import RunView, Status

__all__ = ["AWAY", "Tail"]

STATUS_EVERY = 1.0  # seconds between two looks at the status of a run whose log is silent
FIRST_DELAY, GROWTH, LAST_DELAY = 0.05, 1.5, 1.0  # seconds between two looks at a silent log
GAP = 0.02  # seconds between two looks at a log that is being written here
AWAY = 10.0  # seconds that a look may take, and that readers bear with storage


class Tail:
    """What this process knows of a run's end: the last events, and how the run stood.

    `followers`: how many read it. `turn` grows with every change. `view` is how the run stood when its log
    was silent last, looked at `viewed_at`; `answered_at` is when storage answered last (both monotonic).
    `shared` holds what the readers' faces want to build once.
    """

    def __init__(
        self,
        row: RunRow,
        log: EventLog,
        *,
        monotonic: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self.row = row
        self.followers = 0
        self.turn = 0
        self.view: RunView | None = None
        self.viewed_at = -math.inf
        self.answered_at = monotonic()
        self.shared: dict[str, bytes] = {}
        self._events = RunEvents(log, row)
        self._pages = SharedPages()
        self._window = Window()
        self._monotonic = monotonic
        self._sleep = sleep
        self._exists = True  # the log, as far as is known
        self._closed = False  # whether the window's end is that of the run
        self._live = False  # whether it was the log's at the last look
        self._looking = asyncio.Lock()
        self._begun = self._done = 0  # looks
        self._looked_at = self._look_at = -math.inf
        self._delay = FIRST_DELAY
        self._nudged = False  # since the last look began
        self._status_at = -math.inf
        self._leads = False
        self._lead_bell = Bell(sleep)
        self._waiting: dict[Bell, float] = {}  # until when, those who don't lead

    def page(self, position: Position) -> EventPage | None:
        """Return what is known from a position on; None where nothing is, and more may come."""
        end = self._window.end
        if end is not None and not self._exists:
            page = made(self.row, self.view if self._closed else None, position)
            return page if page.events or page.closed else None
        events = self._window.since(position)
        if events:
            return EventPage(events, events[-1].next, exists=True, closed=self._closed)
        if self._closed and end is not None and position.sequence >= end.sequence:
            return EventPage([], position, exists=True, closed=True)
        return None

    def nudged(self, what: Nudge) -> None:
        """Look soon: something has happened in this process."""
        if what is Nudge.STEP_ENDED:
            return
        if what is Nudge.ENDED:
            self._status_at = -math.inf
        self._nudged, self._delay = True, FIRST_DELAY
        self._look_at = min(self._look_at, self._looked_at + GAP)
        self._lead_bell.ring()

    async def read(self, position: Position, status: Status, *, since: float | None) -> EventPage:
        """Return what there is from a position on, empty where nothing is.

        Args:
            position: where the reader stands.
            status: the reader's own.
            since: look now, and at the status unless that was done since (monotonic); `-inf` where another
                reader's looks are good enough, None where nothing is to be looked at.

        Raises:
            StorageUnavailable: it can't be read.
            TimeoutError: the same.
        """
        while (page := self.page(position)) is None:
            if self._is_at_end(position):
                if since is not None and not (since == -math.inf and self._is_watched()):
                    await self._look(position, status, since=since, within=AWAY)
                break
            page = await self._pages.read(position, lambda start: self._events.read(start, status))
            if page is not None:
                await self._absorb(page, status, since)
                if page.events:
                    return page
                if self.page(position) is None and not self._is_at_end(position):
                    raise StorageUnavailable("The log doesn't have what it had.")
        return self.page(position) or EventPage([], position, exists=self._exists, closed=False)

    async def wait(
        self, position: Position, turn: int, status: Status, *, seconds: float, within: float = AWAY
    ) -> None:
        """Return when there may be news for a reader, at most after so many seconds.

        Args:
            position: where it stands.
            turn: what `turn` was when it last took note of everything.
            status: the reader's own.
            seconds: how long it waits.
            within: how long a look may take that it makes.

        Raises:
            StorageUnavailable: this reader led, and its look failed.
            TimeoutError: the same.
        """
        deadline = self._monotonic() + seconds
        bell = Bell(self._sleep)
        try:
            while turn == self.turn and self.page(position) is None and self._is_at_end(position):
                remaining = deadline - self._monotonic()
                if remaining <= 0:
                    return
                if not self._leads:
                    await self._lead(position, status, deadline, within)
                    continue
                self._waiting[bell] = deadline
                try:
                    await bell.wait(remaining)
                finally:
                    del self._waiting[bell]
        finally:
            if not self._leads and self._waiting:  # whoever stays longest
                max(self._waiting, key=self._waiting.__getitem__).ring()

    def _is_at_end(self, position: Position) -> bool:
        """Whether a reader has nothing to do but wait for the tail; else it reads the log by itself."""
        end = self._window.end
        if end is None or position.sequence < end.sequence:
            return False
        return position.sequence == end.sequence or self._live

    def _is_watched(self) -> bool:
        return self._leads and self._monotonic() - self._looked_at <= LAST_DELAY + GAP

    async def _lead(self, position: Position, status: Status, deadline: float, within: float) -> None:
        """Wait for the time of the next look, and look."""
        self._leads = True
        try:
            while (pause := min(self._look_at, deadline) - self._monotonic()) > 0:
                await self._lead_bell.wait(pause)
            if self._monotonic() < deadline:
                await self._look(position, status, since=-math.inf, within=within)
        finally:
            self._leads = False

    async def _look(self, position: Position, status: Status, *, since: float, within: float) -> None:
        """Look at the log's end and, where it is silent, at the status; together with all who want to."""
        begun, turn = self._begun, self.turn
        async with asyncio.timeout(within), self._looking:
            if self.page(position) is not None:
                return
            if self._done > begun and self.viewed_at >= since:
                return
            self._nudged = False
            self._begun += 1
            number = self._begun
            try:
                page = await self._events.read(self._window.end or Position(), status)
                await self._absorb(page, status, since)
                self._done = number
            finally:
                self._plan_next(news=turn != self.turn)

    def _plan_next(self, *, news: bool) -> None:
        now = self._looked_at = self._monotonic()
        if news:
            self._delay = FIRST_DELAY
            self._look_at = now + (FIRST_DELAY if self._live else 0.0)
        else:
            self._look_at = now + self._delay
            self._delay = min(self._delay * GROWTH, LAST_DELAY)
        if self._nudged:
            self._look_at, self._delay = min(self._look_at, now + GAP), FIRST_DELAY

    async def _absorb(self, page: EventPage, status: Status, since: float | None) -> None:
        """Take in what was read; where that is nothing, look at the status, but not each time."""
        self._take(page)
        if page.events or page.closed or self._closed:
            return
        now = self._monotonic()
        if now >= self._status_at or (since is not None and self.viewed_at < since):
            await self._view(status, now)
        outcome = self.view.outcome if self.view else None
        if outcome is None or self._closed:
            return
        if page.exists or outcome.logged:
            end = self._window.end or Position()
            self._take(await self._events.close(outcome, end, status))
        else:
            self._exists, self._closed = False, True
            self._changed()

    async def _view(self, status: Status, now: float) -> None:
        view = await status.read(self.row)
        before, self.view, self.viewed_at = self.view, view, now
        self._status_at = self._monotonic() + STATUS_EVERY
        if before is None or (before.status, before.questions) != (view.status, view.questions):
            self._changed()

    def _take(self, page: EventPage) -> None:
        end = page.next if page.exists else Position()
        moved = self._window.take(page.events, end)
        if self._window.end is None or self._window.end.sequence != end.sequence:
            return  # it is behind what others have seen
        self.answered_at = self._monotonic()
        self._exists, self._live = page.exists, not page.more
        if page.ends and not self._closed:
            self._closed = moved = True
        if moved:
            self._changed()

    def _changed(self) -> None:
        self.turn += 1
        for bell in self._waiting:
            bell.ring()
