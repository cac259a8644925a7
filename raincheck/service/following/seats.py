"""Who follows what: a tail for each run that is followed in this process, and how many may share it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from weakref import WeakKeyDictionary

from raincheck.errors import RequestError
from raincheck.service.events import EventLog
from raincheck.service.following.nudges import Nudges
from raincheck.service.following.tail import Tail
from raincheck.service.runs import RunRow

__all__ = ["FOLLOWERS", "Seats"]

FOLLOWERS = 500  # of one run in one process
_RETRY_AFTER = 10  # seconds


class Seats:
    """The tails, made with their first reader and dropped with their last; each lives in its event loop."""

    def __init__(
        self,
        log: EventLog,
        nudges: Nudges,
        *,
        monotonic: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._log = log
        self._nudges = nudges
        self._monotonic = monotonic
        self._sleep = sleep
        self._loops: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, tuple[Tail, ExitStack]]] = (
            WeakKeyDictionary()
        )

    def row(self, run_id: str) -> RunRow | None:
        """Return the row of a run that is followed here; it never changes, so it need not be read."""
        tails = self._loops.get(asyncio.get_running_loop(), {})
        return tails[run_id][0].row if run_id in tails else None

    @contextmanager
    def take(self, row: RunRow) -> Iterator[Tail]:
        """Share the tail of a run as long as the block lasts.

        Raises:
            RequestError: 429; too many follow the run.
        """
        tails = self._loops.setdefault(asyncio.get_running_loop(), {})
        if row.run_id not in tails:
            tails[row.run_id] = self._open(row)
        tail, listening = tails[row.run_id]
        if tail.followers >= FOLLOWERS:
            raise RequestError(
                429, "too_many_followers", f"{FOLLOWERS} readers follow this run.", retry_after=_RETRY_AFTER
            )
        tail.followers += 1
        try:
            yield tail
        finally:
            tail.followers -= 1
            if not tail.followers:
                listening.close()
                del tails[row.run_id]

    def _open(self, row: RunRow) -> tuple[Tail, ExitStack]:
        tail = Tail(row, self._log, monotonic=self._monotonic, sleep=self._sleep)
        listening = ExitStack()
        listening.enter_context(self._nudges.listen(row.run_id, tail.nudged))
        return tail, listening
