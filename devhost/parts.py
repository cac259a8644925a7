"""Everything behind the listening socket: front, engine, listeners; made once, fed anew by each load."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from devhost.app import App
from devhost.calls import Calls
from devhost.startpage import start_page
from devhost.web.server import Front

if TYPE_CHECKING:
    from collections.abc import Mapping

    from devhost.functions import Function
    from devhost.options import Options
    from devhost.settings import HostSettings
    from devhost.web.keys import Keys
    from devhost.workers import Workers

_log = logging.getLogger("devhost")


class _NoOutputs:
    async def write(self, function: Function, outputs: Mapping[str, Any]) -> None:
        _log.error("function %s: no output binding for %s", function.name, ", ".join(outputs))


class Parts:
    """The host's parts. `loaded` after each load that went well, `stop` at the end."""

    def __init__(
        self, given: Options, settings: HostSettings, keys: Keys, workers: Workers, port: int
    ) -> None:
        self._base = f"http://{'localhost' if given.host == '127.0.0.1' else given.host}:{port}"
        self._workers = workers
        self.app = App(settings, keys, Calls(workers, lambda: "{}", _NoOutputs()))
        self.front = Front(self.app)

    async def loaded(self) -> None:
        """Show the start page and let triggers work on the functions just loaded."""
        page = start_page(self.app.functions, self._base, self.app.settings.route_prefix)
        print(page, flush=True)  # noqa: T201  # the terminal is the interface
        print(f"Ready on {self._base}\n", flush=True)  # noqa: T201  # as above; tools wait for this line

    async def stop(self, grace: float) -> None:
        """End everything; functions may take `grace` seconds."""
        await self.front.close()
        await self._workers.stop(grace)
        await asyncio.sleep(0)
