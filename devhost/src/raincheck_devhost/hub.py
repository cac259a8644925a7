"""The task hub: the durable engine, its management API behind the front, and the SDK client's own port."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from starlette.routing import Router

from raincheck_devhost.durable.http.links import WEBHOOK_PATH
from raincheck_devhost.durable.http.web import client_binding, management_routes, rpc_routes
from raincheck_devhost.durable.runtime.engine import DurableEngine
from raincheck_devhost.durable.settings import DurableSettings
from raincheck_devhost.listening import listen
from raincheck_devhost.serving import quiet_server

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    import uvicorn

    from raincheck_devhost.durable.ports import Functions

_log = logging.getLogger("raincheck_devhost")
_RPC_PORT = 17071


class Hub:
    """Starts with the first app that has durable functions; then runs until the host ends."""

    def __init__(self, state_file: Path, functions: Functions, host_json: dict[str, Any], code: str) -> None:
        self._engine = DurableEngine(state_file, functions, DurableSettings.from_host_json(host_json))
        self._code = code
        self._router: Router | None = None
        self._server: uvicorn.Server | None = None
        self._serving: asyncio.Task[None] | None = None
        self.binding = "{}"

    async def start(self, origin: str) -> None:
        """Go on where the last process ended. Raises sqlite3.Error, OSError."""
        await self._engine.start()
        self._router = Router(management_routes(self._engine, code=self._code), redirect_slashes=False)
        listener = _rpc_listener()
        rpc_origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.binding = client_binding(self._engine, origin=origin, rpc_origin=rpc_origin, code=self._code)
        router = Router(rpc_routes(self._engine, code=self._code), redirect_slashes=False)
        self._server = quiet_server(router)
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve the management API (ASGI); its paths ignore case."""
        path = WEBHOOK_PATH + scope["path"][len(WEBHOOK_PATH) :]
        if self._router is not None:
            await self._router({**scope, "path": path}, receive, send)

    async def stop(self, grace: float) -> None:
        """Take no new work; activities that run may end within `grace` seconds."""
        await self._engine.stop(grace)
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await self._serving


def _rpc_listener() -> socket.socket:
    try:
        return listen("127.0.0.1", _RPC_PORT)
    except OSError:
        return listen("127.0.0.1", 0)
