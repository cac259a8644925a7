"""Following a run: what there is to tell a reader, and when. How it is told is each protocol's own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from raincheck.errors import StorageUnavailable
from raincheck.events import Position
from raincheck.outcomes import RunStatus
from raincheck.service.events import EventLog, EventPage, RunEvents
from raincheck.service.runs import RunRow
from raincheck.service.settings import Settings
from raincheck.service.status import CallerGone, RunView, Status

__all__ = ["Asked", "ComeBack", "Follow", "Following", "Silence", "Update"]

SILENCE = 15.0  # seconds, after which a reader is told that the run goes on
FIRST_DELAY, GROWTH, LAST_DELAY = 0.05, 1.5, 1.0  # seconds between two looks at a silent log
AWAY = 10.0  # seconds that a stream bears with storage before it asks the reader to come back


@dataclass(frozen=True, slots=True)
class Asked:
    """The run waits for a person. It is no event of the log and has no number."""

    view: RunView
    position: Position


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing has happened for a while; the run goes on."""


@dataclass(frozen=True, slots=True)
class ComeBack:
    """The stream ends before the run: go on from this position."""

    position: Position


Update = EventPage | Asked | Silence | ComeBack


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """Follows runs."""

    log: EventLog
    status: Status
    settings: Settings
    monotonic: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]

    def run(self, row: RunRow) -> "Following":
        """Follow a run, for one reader."""
        return Following(self, row)


class Following:
    """One reader of one run."""

    def __init__(self, follow: Follow, row: RunRow) -> None:
        self._follow = follow
        self._events = RunEvents(follow.log, follow.status, row, follow.monotonic)
        self._mentioned: set[str] = set()

    @property
    def goes_on(self) -> bool:
        """Whether the run was seen not to have ended, when its log was silent last; False: not known."""
        view = self._events.view
        return view is not None and view.outcome is None

    async def page(
        self,
        start: Position,
        *,
        wait: float,
        until_input: bool = False,
        gone: Callable[[], Awaitable[bool]],
    ) -> EventPage | Asked:
        """Return the events from `start` on; wait for the first for so many seconds.

        Args:
            start: where to read.
            wait: seconds.
            until_input: don't wait where the run waits for a person.
            gone: whether the caller has left.

        Raises:
            CallerGone: nobody is there any more.
            StorageUnavailable: it can't be read.
        """
        deadline = self._follow.monotonic() + wait
        delay = FIRST_DELAY
        page = await self._events.read(start)
        while not page.events and not page.closed:
            remaining = deadline - self._follow.monotonic()
            if remaining <= 0 or (until_input and self._asked(page.next) is not None):
                break
            if await gone():
                raise CallerGone
            await self._follow.sleep(min(delay, remaining))
            delay = min(delay * GROWTH, LAST_DELAY)
            page = await self._events.read(start)
        asked = None if page.events or page.ends else self._asked(page.next)
        return page if asked is None else asked

    async def first(self, start: Position) -> EventPage:
        """Return what is there now, to tell whether a stream is worth opening."""
        return await self._events.read(start)

    async def updates(
        self, first: EventPage, start: Position, *, until_input: bool = False, began: float
    ) -> AsyncIterator[Update]:
        """Return all from `first`, read at `start`, to the run's end, or until it is time to come back.

        Args:
            first: see `first`.
            start: where it was read.
            until_input: end where the run waits for a person.
            began: when the request came: the host's limit counts from it, and must never be what ends it.
        """
        monotonic, limit = self._follow.monotonic, self._follow.settings.stream_limit
        ends_at = began + limit - min(5.0, limit / 10)
        spoke_at = good_at = monotonic()
        delay = FIRST_DELAY
        position: Position = start
        page: EventPage | None = first
        while True:
            if page is not None:
                good_at = monotonic()
                if page.events:
                    yield page
                    position, spoke_at, delay = page.next, monotonic(), FIRST_DELAY
                if page.ends:
                    return
                if not page.events and (asked := self._news(position)) is not None:
                    yield asked
                    spoke_at = monotonic()
                    if until_input:
                        return
            now = monotonic()
            if now >= ends_at or now - good_at >= AWAY:
                yield ComeBack(position)
                return
            if now - spoke_at >= SILENCE:
                yield Silence()
                spoke_at = now
            if page is None or not page.events:
                await self._follow.sleep(max(0.0, min(delay, ends_at - now, spoke_at + SILENCE - now)))
                delay = min(delay * GROWTH, LAST_DELAY)
            page = await self._read(position, within=min(AWAY, max(1.0, ends_at - monotonic())))

    async def _read(self, position: Position, within: float) -> EventPage | None:
        try:
            async with asyncio.timeout(within):
                return await self._events.read(position)
        except (StorageUnavailable, TimeoutError):
            return None

    def _asked(self, position: Position) -> Asked | None:
        view = self._events.view
        if view is None or view.status is not RunStatus.INPUT_REQUIRED:
            return None
        return Asked(view, position)

    def _news(self, position: Position) -> Asked | None:
        """Return what is asked where this reader wasn't told of all of it."""
        view = self._events.view
        if view is None or {one.id for one in view.questions} <= self._mentioned:
            return None
        asked = self._asked(position)
        if asked is not None:
            self._mentioned |= {one.id for one in view.questions}
        return asked
