"""The app as it is loaded now: settings, functions, routes; and the engine's window on it."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from raincheck_devhost.bindings.schedule import Schedule, ScheduleError
from raincheck_devhost.durable.ports import FunctionFailed, WorkerLost
from raincheck_devhost.functions import Function, UnsupportedBinding, in_host_order
from raincheck_devhost.processes import AppBroken
from raincheck_devhost.routes import RouteError, Routes, reserved
from raincheck_devhost.settings import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from raincheck_devhost.calls import Calls
    from raincheck_devhost.keys import Keys
    from raincheck_devhost.processes import WorkerProcess
    from raincheck_devhost.settings import HostSettings

_log = logging.getLogger("raincheck_devhost")
_STARTS_WITHIN_SECONDS = 60


class App:
    """What requests, triggers and the engine are served from. `renew` loads it, again after an edit."""

    def __init__(self, settings: HostSettings, keys: Keys, calls: Calls) -> None:
        self.settings = settings
        self.keys = keys
        self.calls = calls
        self.functions: list[Function] = []
        self.routes = Routes(settings.route_prefix, [])
        self.broken: str | None = None
        self.empty_when_broken = False
        self.streams = False
        self.durable_web: Any = None
        self.by_hand: Callable[[Function, str], bool] = lambda _function, _text: False

    async def renew(self) -> bool:
        """Load the code; return whether it can be served. If not, `broken` says why."""
        try:
            loaded = await self.calls.workers.renew()
            functions = in_host_order([Function.from_metadata(each, os.environ) for each in loaded.functions])
            routes = Routes(self.settings.route_prefix, functions)
            for each in functions:
                if each.trigger == "timerTrigger":
                    Schedule.parse(str(each.options["schedule"]))
        except AppBroken as error:
            if self.empty_when_broken:
                _log.warning("the app can't be loaded; it has no functions, as on Azure (--broken-app empty)")
                self.functions, self.routes, self.broken = [], Routes(self.settings.route_prefix, []), None
                return True
            self.broken = _cause(error)
            return False
        except (UnsupportedBinding, SettingsError, RouteError, ScheduleError) as error:
            self.broken = f"The app can't be run: {error}"
            return False
        for each in functions:
            if each.trigger == "httpTrigger" and reserved(each):
                _log.error(
                    "function %s: route %r conflicts with the host's own routes", each.name, each.route
                )
        if loaded.warning:
            _log.warning(loaded.warning)
        self.functions, self.routes, self.broken = functions, routes, None
        self.streams = loaded.http_port is not None
        return True

    async def front_worker(self) -> WorkerProcess | None:
        """Return the process that serves HTTP; None if the app breaks or nothing starts in a minute."""
        workers = self.calls.workers
        for _ in range(_STARTS_WITHIN_SECONDS):
            with suppress(TimeoutError):
                return await asyncio.wait_for(workers.worker(front=True), 1)
            if self.broken is not None:
                break
        return None

    def run_by_hand(self, function: Function, text: str) -> bool:
        """Start a function as POST /admin/functions/<name> does; False where that isn't possible."""
        if self.streams and function.trigger == "httpTrigger":
            return False  # it would wait for a request that nobody sends
        return self.by_hand(function, text)


class DurableFunctions:
    """The engine's port `Functions`: orchestrators in the front process, activities in the pool."""

    def __init__(self, app: App) -> None:
        self._app = app

    @property
    def orchestrators(self) -> Mapping[str, str]:
        """Case-folded name to registered name."""
        return self._of("orchestrationTrigger")

    @property
    def activities(self) -> Mapping[str, str]:
        """Case-folded name to registered name."""
        return self._of("activityTrigger")

    async def run_orchestrator(self, name: str, payload: str, *, instance_id: str) -> str:
        """Run one episode; raises FunctionFailed, WorkerLost."""
        _log.debug("orchestrator %s (%s)", name, instance_id)
        return await self._run(name, payload, front=True)

    async def run_activity(self, name: str, payload: str, *, instance_id: str, task_id: int) -> str:
        """Run one activity; raises FunctionFailed, WorkerLost."""
        started = time.perf_counter()
        try:
            result = await self._run(name, payload, front=False)
        except (FunctionFailed, WorkerLost) as error:
            _log.warning("activity %s #%s of %s: %s", name, task_id, instance_id, type(error).__name__)
            raise
        spent = (time.perf_counter() - started) * 1000
        _log.info("activity %s #%s of %s done in %.0f ms", name, task_id, instance_id, spent)
        return result

    async def _run(self, name: str, payload: str, *, front: bool) -> str:
        function = next((each for each in self._app.functions if each.name == name), None)
        if function is None:
            raise WorkerLost(f"function {name} is gone since the last edit")
        answer = await self._app.calls.run(function, {"string": payload}, front=front, retry=False)
        return str(next(iter((answer.value or {"json": "null"}).values())))

    def _of(self, trigger: str) -> dict[str, str]:
        return {each.name.casefold(): each.name for each in self._app.functions if each.trigger == trigger}


def _cause(error: AppBroken) -> str:
    failure = error.failure
    where = f"{failure['file']}:{failure['line']}: " if failure["file"] else ""
    what = f"{failure['type']}: {str(failure['message']).removeprefix(where)}"
    return f"The app can't be loaded.\n{where}{what}\n{failure['traceback']}".rstrip()
