"""All triggers that wait, for the app as it is loaded now."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from raincheck_devhost.bindings.timers import Timers
from raincheck_devhost.durable.ports import FunctionFailed, WorkerLost

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path
    from typing import Any

    from raincheck_devhost.calls import Calls
    from raincheck_devhost.functions import Function
    from raincheck_devhost.settings import QueueSettings

_log = logging.getLogger("raincheck_devhost")


class Listeners:
    """Starts and stops them; what they have begun to run goes on when the app is loaded anew."""

    def __init__(self, calls: Calls, queues: QueueSettings, state: Path) -> None:
        self._calls = calls
        self._queues = queues
        self._timers = Timers(calls, state / "timers.json")
        self._following: dict[asyncio.Task[None], str] = {}
        self._by_hand: set[asyncio.Task[Any]] = set()

    def update(self, functions: list[Function]) -> None:
        """Listen for these functions from now on. Raises ScheduleError, NoConnection."""
        for task in self._following:
            task.cancel()
        self._timers.update(functions)
        queued = [each for each in functions if each.trigger == "queueTrigger"]
        if queued:
            from raincheck_devhost.bindings.queues import QueueListener  # noqa: PLC0415 - imports the storage SDK

            for each in queued:
                listener = QueueListener(each, self._calls, self._queues)
                task = asyncio.create_task(listener.follow())
                self._following[task] = each.name
                task.add_done_callback(self._ended)

    def run_by_hand(self, function: Function, text: str) -> bool:
        """Run a function now, as POST /admin/functions/<name> does; False for what can't be."""
        work: Coroutine[Any, Any, Any]
        if function.trigger == "timerTrigger":
            work = self._timers.run(function)
        elif function.trigger == "queueTrigger":
            work = self._calls.run(function, {"string": text})
        elif function.trigger == "httpTrigger":
            fields = {"method": "POST", "url": f"http://localhost/{function.name}"}
            request = {"http": {**fields, "headers": {}, "query": {}, "params": {}}}
            work = self._calls.run(function, request, front=True, blob=text.encode())
        else:
            return False
        task = asyncio.create_task(_quietly(work))
        self._by_hand.add(task)
        task.add_done_callback(self._by_hand.discard)
        return True

    async def stop(self, grace: float) -> None:
        """Fetch nothing more; what runs may end within `grace` seconds."""
        self._timers.cancel()
        for task in self._following:
            task.cancel()
        if self._following:
            await asyncio.wait([*self._following], timeout=grace)

    def _ended(self, task: asyncio.Task[None]) -> None:
        name = self._following.pop(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("function %s: its queue isn't followed any more: %s", name, error)


async def _quietly(work: Coroutine[Any, Any, Any]) -> None:
    with suppress(FunctionFailed, WorkerLost):  # the worker has logged it
        await work
