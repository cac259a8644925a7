"""What happens to runs in this process, told at once to whoever waits for it here.

Storage stays what is true: a nudge only says that a look is worth its cost. Another process's is not heard.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from enum import Enum
from typing import Self
from weakref import WeakKeyDictionary

from raincheck.run_ids import root_of

__all__ = ["Bell", "Heard", "Nudge", "Nudges"]

MOMENT = 0.05  # seconds until Durable has taken in that a step has ended


class Nudge(Enum):
    """What has happened."""

    APPENDED = "events were stored in the run's log"
    STEP_ENDED = "an attempt of a step has ended: Durable hears of it next"
    ENDED = "the run's outcome is written"


class Nudges:
    """Passes nudges on, each within its event loop. Nothing is kept for those who listen later."""

    def __init__(self) -> None:
        self._loops: WeakKeyDictionary[
            asyncio.AbstractEventLoop, dict[str, list[Callable[[Nudge], None]]]
        ] = WeakKeyDictionary()

    def nudge(self, run_id: str, what: Nudge) -> None:
        """Tell those who listen to a run; what a sub-flow does happens to its root run."""
        listeners = self._loops.get(asyncio.get_running_loop(), {})
        for react in tuple(listeners.get(root_of(run_id), ())):
            react(what)

    def appended(self, run_id: str) -> None:
        """Tell that events were stored."""
        self.nudge(run_id, Nudge.APPENDED)

    @contextmanager
    def listen(self, run_id: str, react: Callable[[Nudge], None]) -> Iterator[None]:
        """Have `react` called for every nudge of a run, as long as the block lasts."""
        listeners = self._loops.setdefault(asyncio.get_running_loop(), {})
        listeners.setdefault(run_id, []).append(react)
        try:
            yield
        finally:
            listeners[run_id].remove(react)
            if not listeners[run_id]:
                del listeners[run_id]


class Bell:
    """A sleep that can be cut short; for one sleeper at a time."""

    def __init__(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._sleep = sleep
        self._rung = False
        self._waiting: asyncio.Future[None] | None = None

    def ring(self) -> None:
        """End the sleep; where nobody sleeps, the next one ends as soon as it begins."""
        self._rung = True
        _end(self._waiting)

    async def wait(self, seconds: float) -> bool:
        """Sleep; return whether it was cut short."""
        if not self._rung:
            waiting = self._waiting = asyncio.get_running_loop().create_future()
            timer = asyncio.ensure_future(self._sleep(seconds))
            timer.add_done_callback(lambda _: _end(waiting))
            try:
                await waiting
            finally:
                timer.cancel()
                self._waiting = None
        rung, self._rung = self._rung, False
        return rung


def _end(waiting: "asyncio.Future[None] | None") -> None:
    if waiting is not None and not waiting.done():
        waiting.set_result(None)


class Heard:
    """Hears what this process ends of a run: the run, or a step. A context; it hears only inside."""

    def __init__(self, nudges: Nudges, run_id: str, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._nudges = nudges
        self._run_id = run_id
        self._sleep = sleep
        self._bell = Bell(sleep)
        self._last: Nudge | None = None
        self._listening = ExitStack()

    def __enter__(self) -> Self:
        self._listening.enter_context(self._nudges.listen(root_of(self._run_id), self._hear))
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()

    async def within(self, seconds: float) -> Nudge | None:
        """Return what is heard within so many seconds, once it is worth a look."""
        if not await self._bell.wait(seconds):
            return None
        heard, self._last = self._last, None
        if heard is Nudge.STEP_ENDED:
            await self._sleep(min(MOMENT, seconds))
        return heard

    def _hear(self, what: Nudge) -> None:
        if what is Nudge.APPENDED:
            return
        self._last = what
        self._bell.ring()
