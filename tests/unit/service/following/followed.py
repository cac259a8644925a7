"""A run that is followed by many, in memory and in virtual time."""

import asyncio
from datetime import UTC, datetime

from raincheck.errors import StorageUnavailable
from raincheck.events import Event, Position, StoredEvent
from raincheck.outcomes import Outcome, RunStatus
from raincheck.service.events import EventPage
from raincheck.service.following.follow import ComeBack, Follow
from raincheck.service.following.nudges import Nudge, Nudges
from raincheck.service.following.seats import Seats
from raincheck.service.runs import RunRow
from raincheck.service.settings import Settings
from raincheck.service.status import RunView

NOW = datetime(2026, 11, 21, tzinfo=UTC)
RUN = "20261121-" + "a" * 32
LINE = 30_000  # bytes: a tail keeps few of them
DONE = Outcome.succeeded(1).model_copy(update={"logged": True})


def now() -> float:
    return asyncio.get_running_loop().time()


class SlowLog:
    """A log of one run that takes its time, counts reads, and is away now and then."""

    def __init__(self, *, page: int, line: int) -> None:
        self.types: list[str] = []
        self.reads = 0
        self.away = False
        self._page, self._line = page, line

    def append(self, count: int = 1) -> None:
        self.types += ["output.data"] * count

    async def read(self, run_id, start, *, limit=1000, size=0):
        self.reads += 1
        await asyncio.sleep(0.004)
        if self.away:
            raise StorageUnavailable("away")
        lines = [
            StoredEvent(number, kind, {}, Position(number + 1, 0, (number + 1) * self._line))
            for number, kind in enumerate(self.types)
        ]
        events = lines[start.sequence :][: self._page]
        end = lines[-1].next if lines else Position()
        more = bool(events) and events[-1] is not lines[-1]
        closed = bool(lines) and lines[-1].terminal and not more
        return EventPage(events, events[-1].next if events else end, bool(lines), closed, more)

    async def close(self, run_id, *, flow, terminal: Event):
        await asyncio.sleep(0.004)
        if self.types[-1:] != [terminal.type]:
            self.types += ["run.started"] * (not self.types) + [terminal.type]


class Looks:
    """The status as one reader's client sees it: of no use once its invocation is over."""

    def __init__(self, world: "Followed") -> None:
        self._world = world
        self.over = False

    async def read(self, row):
        assert not self.over, "the client of an invocation that is over"
        self._world.looks += 1
        await asyncio.sleep(0.004)
        assert not self.over, "the client of an invocation that is over"
        outcome = self._world.outcome
        status = RunStatus.SUCCEEDED if outcome else RunStatus.RUNNING
        return RunView(row, status, NOW, outcome=outcome)


class Followed:
    """The run, its log, and readers."""

    def __init__(self, *, page: int = 3, line: int = LINE) -> None:
        self.log, self.nudges = SlowLog(page=page, line=line), Nudges()
        self.seats = Seats(self.log, self.nudges, monotonic=now, sleep=asyncio.sleep)
        self.row = RunRow(run_id=RUN, flow="f", version=1, created_at=NOW)
        self.outcome: Outcome | None = None
        self.looks = 0

    def follow(self, **settings) -> tuple[Follow, Looks]:
        looks = Looks(self)
        follow = Follow(
            seats=self.seats,
            status=looks,
            settings=Settings(signing_keys=("k" * 32,), **settings),
            monotonic=now,
            sleep=asyncio.sleep,
        )
        return follow, looks

    def emit(self, count: int = 1) -> None:
        """Append in this process."""
        self.log.append(count)
        self.nudges.appended(RUN)

    def end(self, *, here: bool = True) -> None:
        """End the run; a log is closed by whoever finds it open."""
        self.outcome = DONE
        if here:
            self.nudges.nudge(RUN, Nudge.ENDED)

    async def stream(self, start=0, *, taken=None, pause=lambda _: 0.0, **settings) -> list[int]:
        """Follow to the end, however often asked to come back; return the numbers of the events."""
        numbers = [] if taken is None else taken
        position = Position(start)
        while True:
            follow, looks = self.follow(**settings)
            try:
                with follow.run(self.row) as following:
                    first = await following.first(position)
                    async for update in following.updates(first, position, began=now()):
                        if isinstance(update, ComeBack):
                            position = update.position
                        if isinstance(update, EventPage):
                            for event in update.events:
                                numbers.append(event.sequence_number)
                                position = event.next
                            await asyncio.sleep(pause(numbers[-1]))
                        if isinstance(update, EventPage) and update.ends:
                            return numbers
                    if first.closed and not first.events:
                        return numbers
            except (StorageUnavailable, TimeoutError):
                await asyncio.sleep(0.5)
            finally:
                looks.over = True
