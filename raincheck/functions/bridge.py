"""Hands a request of the Functions worker to an ASGI app and streams the app's answer back.

The worker's own HTTP server speaks ASGI too, so the scope and `receive` are its own; only the path loses the
route prefix, and what the app's own framework will put into the scope is left out.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Scope

__all__ = ["app_path", "serve"]

_LOG = logging.getLogger(__name__)
WAITING = 16  # pieces of an answer that may wait for the caller; then the app waits
_COPIED = (
    *("type", "asgi", "http_version", "method", "scheme", "query_string", "headers", "client", "server"),
    "extensions",
)


async def serve(app: "ASGIApp", request: Request, *, prefix: str, extras: Mapping[str, Any]) -> Response:
    """Return the app's response.

    Args:
        app: an ASGI app; its paths have no prefix.
        request: as the worker gives it.
        prefix: what the host puts before every route, e.g. `/api`.
        extras: go into the app's scope.
    """
    exchange = _Exchange()
    scope = {**_scope(request.scope, prefix), **extras}
    task = asyncio.create_task(exchange.run(app, scope, request))
    try:
        start = await exchange.started
        response = await _response(exchange, task, start, request.method)
    except BaseException:
        task.cancel()
        raise
    response.raw_headers = list(start["headers"])
    return response


class _Exchange:
    """One request on its way through the app."""

    def __init__(self) -> None:
        self.started: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._pieces: asyncio.Queue[bytes | Exception | None] = asyncio.Queue(WAITING)

    async def run(self, app: "ASGIApp", scope: "Scope", request: Request) -> None:
        try:
            await app(scope, request.receive, self._send)
        except Exception as error:  # noqa: BLE001 - it belongs to whoever waits for the answer
            await self._end(error)
        else:
            await self._end(None)

    async def _send(self, message: "Message") -> None:
        if message["type"] == "http.response.start":
            self.started.set_result(message)
        elif message["type"] == "http.response.body" and message.get("body"):
            await self._pieces.put(message["body"])

    async def _end(self, error: Exception | None) -> None:
        if not self.started.done():
            self.started.set_exception(error or RuntimeError("the app gave no answer"))
        await self._pieces.put(error)

    async def body(self) -> AsyncIterator[bytes]:
        while piece := await self._pieces.get():
            if isinstance(piece, Exception):
                raise piece  # breaks the connection: an answer that just stops would look whole
            yield piece


async def _response(
    exchange: _Exchange, task: "asyncio.Task[None]", start: "Message", method: str
) -> Response:
    lengths = {name for name, _ in start["headers"]} & {b"content-length"}
    if lengths or method == "HEAD" or start["status"] in {204, 304}:
        content = b"".join([piece async for piece in exchange.body()])
        return Response(content, start["status"])
    return StreamingResponse(_pieces(exchange, task), start["status"])


async def _pieces(exchange: _Exchange, task: "asyncio.Task[None]") -> AsyncIterator[bytes]:
    """Return the body; when the caller goes away, so does the app's work for it."""
    try:
        async for piece in exchange.body():
            yield piece
    finally:
        task.cancel()


def app_path(path: str, prefix: str) -> str:
    """Take the route prefix off; a path without it is none of the app's and stays as it is."""
    begins = path[: len(prefix) + 1].lower() == f"{prefix.lower()}/"
    return path[len(prefix) :] if begins else path


def _scope(scope: "Scope", prefix: str) -> "Scope":
    path = app_path(scope["path"], prefix)
    kept = {name: scope[name] for name in _COPIED if name in scope}
    return {**kept, "path": path, "raw_path": quote(path).encode("ascii"), "root_path": "", "state": {}}
