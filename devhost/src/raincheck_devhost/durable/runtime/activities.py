"""Runs activities, a limited number at a time, and sends home what came of each."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from datetime import timedelta
from typing import TYPE_CHECKING

from raincheck_devhost.durable.ports import FunctionFailed, WorkerLost
from raincheck_devhost.durable.protocol import events as ev
from raincheck_devhost.durable.protocol.faults import activity_details, activity_reason
from raincheck_devhost.durable.protocol.newtonsoft import compact, reprinted
from raincheck_devhost.durable.protocol.timestamps import written
from raincheck_devhost.durable.storage import store
from raincheck_devhost.durable.storage.records import Message

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from raincheck_devhost.durable.ports import Functions
    from raincheck_devhost.durable.protocol.events import Event
    from raincheck_devhost.durable.runtime.clock import Alarm, Clock
    from raincheck_devhost.durable.settings import DurableSettings
    from raincheck_devhost.durable.storage.database import Database
    from raincheck_devhost.durable.storage.records import ActivityItem

_LOG = logging.getLogger("raincheck_devhost.durable")
_WORKER_LOST_PAUSE = timedelta(seconds=0.5)


class ActivityRunner:
    """`deliver` gets the message with the result; it is in the store by the time anything follows from it."""

    def __init__(
        self,
        functions: Functions,
        database: Database,
        clock: Clock,
        settings: DurableSettings,
        *,
        next_id: Callable[[], int],
        deliver: Callable[[Message], None],
    ) -> None:
        self._functions, self._database, self._clock, self._settings = functions, database, clock, settings
        self._next_id, self._deliver = next_id, deliver
        self._waiting: deque[ActivityItem] = deque()
        self._running: dict[int, asyncio.Task[None]] = {}
        self._alarms: dict[int, Alarm] = {}
        self._open = True

    @property
    def running(self) -> int:
        """How many activities are with a worker."""
        return len(self._running)

    def submit(self, item: ActivityItem, not_before: datetime | None = None) -> None:
        """Run an activity as soon as there is room, and not before the given time."""
        if not self._open:
            return
        if not_before is not None and not_before > self._clock.now():
            self._alarms[item.item_id] = self._clock.call_at(not_before, lambda: self._awake(item))
            return
        self._waiting.append(item)
        self._fill()

    def resume(self, item: ActivityItem, started_at: str | None) -> None:
        """Submit an activity that the store had: one that was in flight at the kill waits its time."""
        pause = self._settings.redeliver_after_seconds
        due = self._clock.now() + timedelta(seconds=pause) if started_at and pause else None
        if due is not None:
            _LOG.info("Activity %s of %s runs again in %s s", item.name, item.instance_id, pause)
        self.submit(item, due)

    async def stop(self, grace_seconds: float) -> None:
        """Take nothing new, let what runs end for so long, leave the rest to the next start."""
        self._open = False
        for alarm in self._alarms.values():
            alarm.cancel()
        running = list(self._running.values())
        if running:
            await asyncio.wait(running, timeout=grace_seconds)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _awake(self, item: ActivityItem) -> None:
        self._alarms.pop(item.item_id, None)
        self.submit(item)

    def _fill(self) -> None:
        while self._open and self._waiting and len(self._running) < self._settings.activities_at_once:
            item = self._waiting.popleft()
            self._running[item.item_id] = asyncio.create_task(self._run(item), name=f"activity {item.name}")

    async def _run(self, item: ActivityItem) -> None:
        try:
            if self._settings.redeliver_after_seconds:
                at = written(self._clock.now())
                await self._database.write(lambda db: store.start_activity(db, item.item_id, at))
            event = await self._call(item)
        except WorkerLost:
            _LOG.warning("A worker died in activity %s of %s: it runs again", item.name, item.instance_id)
            self.submit(item, self._clock.now() + _WORKER_LOST_PAUSE)
        else:
            message = Message(self._next_id(), item.instance_id, item.execution_id, event)
            # No need to wait: the writer keeps the order, and what follows from the result is written later.
            self._database.write_soon(lambda db: store.finish_activity(db, item.item_id, message))
            self._deliver(message)
        finally:
            del self._running[item.item_id]
            self._fill()

    async def _call(self, item: ActivityItem) -> Event:
        registered = self._functions.activities.get(item.name.casefold())
        if registered is None:
            return self._failed(
                item, FunctionFailed("LookupError", f"'{item.name}' is not registered any more")
            )
        try:
            text = await self._functions.run_activity(
                registered, item.payload, instance_id=item.instance_id, task_id=item.task_id
            )
        except FunctionFailed as failure:
            return self._failed(item, failure)
        at = written(self._clock.now())
        return ev.completed(ev.TASK_COMPLETED, at, item.task_id, _result(text))

    def _failed(self, item: ActivityItem, failure: FunctionFailed) -> Event:
        _LOG.warning("Activity %s of %s raised %s", item.name, item.instance_id, failure.type)
        at = written(self._clock.now())
        reason = activity_reason(item.name, failure.message)
        details = activity_details(failure.message, failure.stack)
        return ev.failed(ev.TASK_FAILED, at, item.task_id, reason, details)


def _result(text: str) -> str | None:
    try:
        result = reprinted(text)
    except ValueError:
        result = compact(text)  # a worker that gives bare text means a string
    return None if result == "null" else result
