"""Everything behind the listening socket: front, engine, listeners; made once, fed anew by each load."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from devhost.app import App
from devhost.bindings.listeners import Listeners
from devhost.bindings.queue_output import QueueOutputs
from devhost.calls import Calls
from devhost.startpage import start_page
from devhost.web.server import Front

if TYPE_CHECKING:
    from devhost.options import Options
    from devhost.settings import HostSettings
    from devhost.web.keys import Keys
    from devhost.workers import Workers

_log = logging.getLogger("devhost")


class Parts:
    """The host's parts. `loaded` after each load that went well, `stop` at the end."""

    def __init__(
        self, given: Options, settings: HostSettings, keys: Keys, workers: Workers, port: int
    ) -> None:
        self._base = f"http://{'localhost' if given.host == '127.0.0.1' else given.host}:{port}"
        self._workers = workers
        calls = Calls(workers, lambda: "{}", QueueOutputs(base64_encoded=settings.queues.base64))
        self.app = App(settings, keys, calls)
        self._listeners = Listeners(calls, settings.queues, given.state)
        self.app.by_hand = self._listeners.run_by_hand
        self.front = Front(self.app)

    async def loaded(self) -> None:
        """Let triggers work on the functions just loaded and show the start page."""
        try:
            self._listeners.update(self.app.functions)
        except ValueError as error:
            _log.error("%s", error)  # the message says it all
        page = start_page(self.app.functions, self._base, self.app.settings.route_prefix)
        print(f"{page}\nReady on {self._base}\n", flush=True)  # noqa: T201  # the terminal is the interface

    async def stop(self, grace: float) -> None:
        """End everything; functions may take `grace` seconds."""
        ends = (self._listeners.stop(grace), self._workers.stop(grace))
        await asyncio.gather(*ends)
        await self.front.close()
