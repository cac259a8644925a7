"""Following a run: what there is to tell a reader, and when. How it is told is each protocol's own."""

import asyncio
import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from raincheck.errors import StorageUnavailable
from raincheck.events import Position
from raincheck.outcomes import RunStatus
from raincheck.run_ids import root_of
from raincheck.service.events import EventPage
from raincheck.service.following.seats import Seats
from raincheck.service.following.tail import AWAY, Tail
from raincheck.service.runs import RunRow
from raincheck.service.settings import Settings
from raincheck.service.status import CallerGone, RunView, Status
from raincheck.service.tokens import Token

__all__ = ["Asked", "ComeBack", "Follow", "Following", "Silence", "Update"]

SILENCE = 15.0  # seconds, after which a reader is told that the run goes on
GONE_EVERY = 1.0  # seconds between two looks whether whoever waits for a page is still there
RETRY = 0.25  # seconds after a read that failed


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
    """Follows runs, for one invocation."""

    seats: Seats
    status: Status
    settings: Settings
    monotonic: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]

    async def open(self, token: str) -> tuple[Token, RunRow]:
        """Read a token and the row of its run, which costs nothing where the run is followed here.

        Raises:
            RequestError: as `Status.open` raises it.
        """
        opened = self.status.tokens.read(token, "read")
        row = self.seats.row(root_of(opened.run_id))
        return (opened, row) if row is not None else await self.status.open(token, "read")

    @contextmanager
    def run(self, row: RunRow) -> Iterator["Following"]:
        """Follow a run, for one reader, as long as the block lasts.

        Raises:
            RequestError: 429; too many follow it.
        """
        with self.seats.take(row) as tail:
            yield Following(self, tail)


class Following:
    """One reader of one run. `shared` is for what its readers' faces want to build once."""

    def __init__(self, follow: Follow, tail: Tail) -> None:
        self.shared = tail.shared
        self._follow = follow
        self._tail = tail
        self._arrived = follow.monotonic()
        self._turn = -1
        self._mentioned: set[str] = set()

    @property
    def goes_on(self) -> bool:
        """Whether the run was seen not to have ended, when its log was silent last; False: not known."""
        view = self._tail.view
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
        page = await self._look(start)
        while not page.events and not page.closed:
            turn = self._tail.turn
            remaining = deadline - self._follow.monotonic()
            if remaining <= 0 or (until_input and self._asked(start) is not None):
                break
            if await gone():
                raise CallerGone
            try:
                await self._tail.wait(start, turn, self._follow.status, seconds=min(GONE_EVERY, remaining))
                page = await self._tail.read(start, self._follow.status, since=None)
            except TimeoutError as error:
                raise StorageUnavailable("Storage doesn't answer in time.") from error
        asked = None if page.events or page.ends else self._asked(start)
        return page if asked is None else asked

    async def first(self, start: Position, *, until_input: bool = False) -> EventPage:
        """Return what is there now, to tell whether a stream is worth opening."""
        return await self._look(start, fresh=until_input)

    async def updates(
        self, first: EventPage, start: Position, *, until_input: bool = False, began: float
    ) -> AsyncGenerator[Update]:
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
        position: Position = start
        page: EventPage | None = first
        del first  # as below
        while True:
            if page is not None:
                if page.events:
                    yield page
                    position, spoke_at = page.next, monotonic()
                    good_at = spoke_at
                if page.ends:
                    return
                if not page.events and (asked := self._news(position)) is not None:
                    yield asked
                    spoke_at = good_at = monotonic()
                    if until_input:
                        return
            good_at = max(good_at, self._tail.answered_at)
            now = monotonic()
            if now >= ends_at or now - good_at >= AWAY:
                yield ComeBack(position)
                return
            if now - spoke_at >= SILENCE:
                yield Silence()
                spoke_at = good_at = monotonic()
            page = None  # whoever waits must not hold it
            until = min(ends_at, spoke_at + SILENCE, good_at + AWAY)
            page = await self._next(position, until=until, within=min(AWAY, max(1.0, ends_at - now)))

    async def _look(self, start: Position, *, fresh: bool = True) -> EventPage:
        since = self._arrived if fresh else -math.inf
        try:
            return await self._tail.read(start, self._follow.status, since=since)
        except TimeoutError as error:
            raise StorageUnavailable("Storage doesn't answer in time.") from error

    async def _next(self, position: Position, *, until: float, within: float) -> EventPage | None:
        """Wait for what comes next; an empty page where nothing does, None where it can't be read."""
        seconds, status = max(0.0, until - self._follow.monotonic()), self._follow.status
        try:
            await self._tail.wait(position, self._turn, status, seconds=seconds, within=within)
            turn = self._tail.turn
            async with asyncio.timeout(within):
                page = await self._tail.read(position, status, since=None)
        except (StorageUnavailable, TimeoutError):
            await self._follow.sleep(RETRY)
            return None
        if not page.events:  # what is asked is told after the events before it
            self._turn = turn
        return page

    def _asked(self, position: Position) -> Asked | None:
        view = self._tail.view
        if (
            view is None
            or self._tail.viewed_at < self._arrived
            or view.status is not RunStatus.INPUT_REQUIRED
        ):
            return None
        return Asked(view, position)

    def _news(self, position: Position) -> Asked | None:
        """Return what is asked where this reader wasn't told of all of it."""
        view = self._tail.view
        if view is None or {one.id for one in view.questions} <= self._mentioned:
            return None
        asked = self._asked(position)
        if asked is not None:
            self._mentioned |= {one.id for one in view.questions}
        return asked
