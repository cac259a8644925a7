"""The worker processes: one for HTTP and orchestrators, and a pool for everything that may block or crash.

All processes of one version of the code are a generation. A process that dies is replaced; an edit replaces
the generation, while what runs in the old one may end.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from raincheck_devhost.durable.ports import FunctionFailed, WorkerLost
from raincheck_devhost.processes import Answer, AppBroken, Launch, Loaded, WorkerProcess

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

_log = logging.getLogger("raincheck_devhost")
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 5.0
_SHORT_LIFE = 2.0
_Result = TypeVar("_Result")


class _Place:
    """A place for one process: whoever dies here is replaced."""

    def __init__(self, launch: Launch, first: WorkerProcess | None = None) -> None:
        self._launch = launch
        self.worker = first
        self._task = asyncio.create_task(self._fill())
        self.filled = asyncio.Event()

    async def _fill(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            if self.worker is None or not self.worker.alive:
                self.worker = await WorkerProcess.start(self._launch)
            began = time.monotonic()
            try:
                await self.worker.loaded()
            except (AppBroken, WorkerLost) as error:
                _log.warning("worker %s didn't start: %s", self.worker.pid, error)
            else:
                self.filled.set()
                code = await self.worker.gone()
                self.filled.clear()
                _log.warning("worker %s died (exit code %s); starting another", self.worker.pid, code)
            if time.monotonic() - began > _SHORT_LIFE:
                pause = _FIRST_PAUSE
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def close(self, grace: float) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        if self.worker is not None:
            await self.worker.stop(grace)


class Generation:
    """The processes of one version of the code."""

    def __init__(self, launch: Launch, pool_size: int) -> None:
        self._launch = launch
        self._pool_size = pool_size
        self._first: WorkerProcess | None = None
        self._front: _Place | None = None
        self._pool: list[_Place] = []
        self._retired = asyncio.Event()

    async def launch(self) -> None:
        """Start the first process, without waiting for it."""
        self._first = await WorkerProcess.start(self._launch)

    async def start(self) -> Loaded:
        """Load the app in the first process; the others follow. Raises AppBroken, WorkerLost."""
        if self._first is None:
            await self.launch()
        assert self._first is not None  # noqa: S101 - launch has set it
        loaded = await self._first.loaded()
        self._front = _Place(self._launch, self._first)
        self._pool = [_Place(self._launch) for _ in range(self._pool_size)]
        return loaded

    async def worker(self, *, front: bool) -> WorkerProcess | None:
        """Return the front process or the least busy one of the pool, waiting while it is being replaced.

        None once a newer generation has taken over.
        """
        places = self._pool if self._pool and not front else [self._front] if self._front else []
        while not self._retired.is_set():
            ready = [each.worker for each in places if each.worker is not None and each.worker.ready]
            if ready:
                return min(ready, key=lambda each: each.busy)
            await _first([self._retired, *(each.filled for each in places)])
        return None

    async def stop(self, grace: float) -> None:
        """End all processes, giving what runs in them at most `grace` seconds."""
        self._retired.set()
        places = [*self._pool, *([self._front] if self._front else [])]
        if not places and self._first is not None:
            await self._first.stop(0)
        await asyncio.gather(*(each.close(grace) for each in places))


class Workers:
    """Runs functions in the newest generation. `timeout` is host.json's functionTimeout in seconds."""

    def __init__(self, launch: Launch, pool_size: int, timeout: float | None, grace: float) -> None:
        self._launch = launch
        self._pool_size = pool_size
        self._timeout = timeout
        self.outstanding = 0  # invocations that have begun and not ended
        self._grace = grace
        self._current: Generation | None = None
        self._prepared: Generation | None = None
        self._there = asyncio.Event()
        self._leaving: set[asyncio.Task[None]] = set()

    async def prepare(self) -> None:
        """Start the first process early; the next `renew` takes it."""
        self._prepared = Generation(self._launch, self._pool_size)
        await self._prepared.launch()

    async def renew(self) -> Loaded:
        """Load the app anew; the old processes end when what runs in them has. Raises AppBroken."""
        self._there.clear()
        old, self._current = self._current, None
        if old is not None:
            leaving = asyncio.create_task(old.stop(self._grace))
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)
        fresh, self._prepared = self._prepared or Generation(self._launch, self._pool_size), None
        try:
            loaded = await fresh.start()
        except WorkerLost:
            await fresh.stop(0)
            reason = {"type": "SystemExit", "message": "the process ended while it imported the app"}
            raise AppBroken({**reason, "file": "", "line": 0, "traceback": ""}) from None
        except BaseException:
            await fresh.stop(0)
            raise
        self._current = fresh
        self._there.set()
        return loaded

    async def worker(self, *, front: bool = False) -> WorkerProcess:
        """Return a process of the newest generation, waiting while there is none."""
        while True:
            await self._there.wait()
            worker = await self._current.worker(front=front) if self._current is not None else None
            if worker is not None:
                return worker

    async def run(
        self,
        function: str,
        inputs: Mapping[str, Any],
        *,
        front: bool = False,
        invocation: str | None = None,
        **more: Any,
    ) -> Answer:
        """Run a function in its process. Raises FunctionFailed, WorkerLost.

        A function that outlasts the time limit fails and its process is replaced, as on Azure.
        """
        worker = await self.worker(front=front)
        call = worker.invoke(function, inputs, invocation=invocation or str(uuid.uuid4()), **more)
        return await self.limited(function, worker, call)

    async def limited(self, function: str, worker: WorkerProcess, call: Awaitable[_Result]) -> _Result:
        """Await `call`, at most for the time limit; then the worker is ended and FunctionFailed raised."""
        self.outstanding += 1
        try:
            async with asyncio.timeout(self._timeout) as limit:
                return await call
        except TimeoutError:
            if not limit.expired():
                raise
            _log.error("function %s exceeded functionTimeout; ending worker %s", function, worker.pid)
            worker.kill()
            text = f"Timeout value of {self._timeout} s was exceeded by function: Functions.{function}"
            raise FunctionFailed("FunctionTimeoutException", text) from None
        finally:
            self.outstanding -= 1

    async def stop(self, grace: float) -> None:
        """End all processes. Who waits for one waits on, until it is cancelled."""
        self._there.clear()
        ends = [*self._leaving]
        current, self._current = self._current, None
        if current is not None:
            ends.append(asyncio.create_task(current.stop(grace)))
        if ends:
            await asyncio.wait(ends, timeout=grace + 5)


async def _first(events: list[asyncio.Event]) -> None:
    """Wait until one of the events is set."""
    waits = [asyncio.create_task(each.wait()) for each in events]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waits:
            each.cancel()
