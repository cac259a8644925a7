"""Everything behind the listening socket: front, engine, listeners; made once, fed anew by each load."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from raincheck_devhost.app import App, DurableFunctions
from raincheck_devhost.bindings.listeners import Listeners
from raincheck_devhost.bindings.queue_output import QueueOutputs
from raincheck_devhost.calls import Calls
from raincheck_devhost.startpage import start_page
from raincheck_devhost.web.server import Front

if TYPE_CHECKING:
    from raincheck_devhost.hub import Hub
    from raincheck_devhost.keys import Keys
    from raincheck_devhost.options import Options
    from raincheck_devhost.settings import HostSettings
    from raincheck_devhost.worker_pool import Workers

_LAST_WORDS_SECONDS = 1.0


class Parts:
    """The host's parts. `loaded` after each load that went well; at the end `quiesce`, `close`."""

    def __init__(
        self, options: Options, settings: HostSettings, keys: Keys, workers: Workers, port: int
    ) -> None:
        self._base = f"http://{'localhost' if options.host == '127.0.0.1' else options.host}:{port}"
        self._workers = workers
        calls = Calls(workers, self._binding, QueueOutputs(base64_encoded=settings.queues.base64))
        self.app = App(settings, keys, calls)
        self.app.empty_when_broken = options.broken_app == "empty"
        self._listeners = Listeners(calls, settings.queues, options.state)
        self._state_file = options.state / "devhost.sqlite"
        self._hub: Hub | None = None
        self.app.by_hand = self._listeners.run_by_hand
        self.front = Front(self.app)

    async def loaded(self) -> None:
        """Let triggers and runs work on the functions just loaded and show the start page.

        Raises sqlite3.Error if the state can't be used.
        """
        if self._hub is None and any(each.durable for each in self.app.functions):
            await self._start_hub()
        self._listeners.update(self.app.functions)
        page = start_page(self.app.functions, self._base, self.app.settings.route_prefix)
        print(f"{page}\nReady on {self._base}\n", flush=True)  # noqa: T201 - the terminal is the interface

    async def quiesce(self, grace: float) -> None:
        """Begin nothing more; what runs may end within `grace` seconds."""
        ends = [self._listeners.stop(grace)]
        if self._hub is not None:
            ends.append(self._hub.stop(grace))
        await asyncio.gather(*ends)

    async def close(self) -> None:
        """End the processes."""
        await self._workers.stop(_LAST_WORDS_SECONDS)
        self.front.close()

    def _binding(self) -> str:
        return self._hub.binding if self._hub is not None else "{}"

    async def _start_hub(self) -> None:
        from raincheck_devhost.hub import Hub  # noqa: PLC0415 - only apps with durable functions need it

        code = self.app.keys.durable or ""
        hub = Hub(self._state_file, DurableFunctions(self.app), self.app.settings.raw, code)
        await hub.start(self._base)
        self._hub = self.app.durable_web = hub
