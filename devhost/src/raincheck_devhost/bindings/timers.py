"""Timer triggers: due times from the schedule, past due after a restart, one run at a time per function."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from raincheck_devhost.bindings.schedule import Schedule
from raincheck_devhost.durable.ports import FunctionFailed, WorkerLost

if TYPE_CHECKING:
    from pathlib import Path

    from raincheck_devhost.calls import Calls
    from raincheck_devhost.functions import Function

_log = logging.getLogger("raincheck_devhost")
_MONITORED_FROM = timedelta(minutes=1)


class Timers:
    """Runs timer functions. What is monitored (due a minute or more apart) is remembered in `file`."""

    def __init__(self, calls: Calls, file: Path) -> None:
        self._calls = calls
        self._file = file
        self._status: dict[str, dict[str, str]] = _read(file)
        self._locks: dict[str, asyncio.Lock] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._started: set[str] = set()

    def update(self, functions: list[Function]) -> None:
        """Follow the timers of the app as it is loaded now. Raises ScheduleError."""
        timers = [each for each in functions if each.trigger == "timerTrigger"]
        schedules = [(each, Schedule.parse(str(each.options["schedule"]))) for each in timers]
        self.cancel()
        self._tasks = [asyncio.create_task(self._follow(*each)) for each in schedules]

    def cancel(self) -> None:
        """Stop following; a run that has begun goes on."""
        for task in self._tasks:
            task.cancel()
        self._tasks = []

    async def run(self, function: Function, *, past_due: bool = False, status: Any = None) -> None:
        """Run a timer function once, after the run that may still be going on."""
        data = {
            "Schedule": {"AdjustForDST": True},
            "ScheduleStatus": status or {},
            "IsPastDue": past_due,
        }
        async with self._locks.setdefault(function.name, asyncio.Lock()):
            _log.info("timer %s runs%s", function.name, " (past due)" if past_due else "")
            with suppress(FunctionFailed, WorkerLost):  # the worker has logged it; the next one is scheduled
                await self._calls.run(function, {"json": json.dumps(data)})

    async def _follow(self, function: Function, schedule: Schedule) -> None:
        now = datetime.now(UTC)
        first, second = schedule.after(now), schedule.after(schedule.after(now))
        monitored = function.options.get("useMonitor", True) and second - first >= _MONITORED_FROM
        last = self._status.get(function.name) if monitored else None
        past_due = last is not None and datetime.fromisoformat(last["Next"]) < now
        on_startup = function.options.get("runOnStartup") and function.name not in self._started
        self._started.add(function.name)
        if past_due or on_startup:
            await self._once(function, schedule, past_due=past_due, monitored=bool(monitored))
        elif monitored and last is None:
            self._remember(function.name, now, schedule.after(now))
        due = schedule.after(datetime.now(UTC))
        while True:
            await _until(due)
            await self._once(function, schedule, past_due=False, monitored=bool(monitored))
            due = schedule.after(max(due, datetime.now(UTC)))

    async def _once(self, function: Function, schedule: Schedule, *, past_due: bool, monitored: bool) -> None:
        status = self._status.get(function.name) if monitored else None
        run = asyncio.create_task(self.run(function, past_due=past_due, status=status))
        await asyncio.shield(run)
        if monitored:
            now = datetime.now(UTC)
            self._remember(function.name, now, schedule.after(now))

    def _remember(self, name: str, last: datetime, due: datetime) -> None:
        moment = last.isoformat()
        self._status[name] = {"Last": moment, "Next": due.isoformat(), "LastUpdated": moment}
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps(self._status), encoding="utf-8")
        fresh.replace(self._file)


def _read(file: Path) -> dict[str, dict[str, str]]:
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError):
        return {}


async def _until(due: datetime) -> None:
    while (left := (due - datetime.now(UTC)).total_seconds()) > 0:  # noqa: ASYNC110 - a time, not an event
        await asyncio.sleep(min(left, 60))  # the wall clock may be set meanwhile
