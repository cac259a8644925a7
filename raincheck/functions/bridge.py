"""Hands a request of the Functions worker to an ASGI app and streams the app's answer back.

The worker's own HTTP server speaks ASGI too, so the scope and `receive` are its own; only the path loses the
route prefix, and what the app's own framework will put into the scope is left out.

A caller that doesn't read holds little: so many bytes wait for it, then the app waits, and then it is let go.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any, cast
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp, Message, Scope, Send
from typing_extensions import override

__all__ = ["STALLED", "WAITING", "app_path", "handler"]

WAITING = 64 * 1024  # bytes of an answer that may wait for the caller; then the app waits
PIECE = 64 * 1024  # bytes that the worker's server is handed in one go: it takes all that it gets
STALLED = 30.0  # seconds that a piece may take; then the answer breaks off
_COPIED = (
    *("type", "asgi", "http_version", "method", "scheme", "query_string", "headers", "client", "server"),
    "extensions",
)

Extras = Callable[[Any], Mapping[str, Any]]
"""Makes what goes into the app's scope of the client that the durable client binding passes in."""


def handler(
    target: Callable[[], ASGIApp], *, prefix: str, extras: Extras
) -> Callable[[Request, Any], Awaitable[Response]]:
    """Build the function that answers requests.

    Args:
        target: returns an ASGI app, the same each time; its paths have no prefix.
        prefix: what the host puts before every route, e.g. `/api`.
        extras: what goes into the app's scope.
    """

    async def handle(request: Request, client: Any) -> Response:
        scope = {**_scope(request.scope, prefix), **extras(client)}
        exchange = _Exchange()
        app = target()
        task: asyncio.Task[None] = asyncio.ensure_future(app(scope, request.receive, exchange.send))
        task.add_done_callback(exchange.finish)
        try:
            start = await exchange.started
            response = await _response(exchange, task, start, request.method)
        except BaseException:
            task.cancel()
            raise
        response.raw_headers = list(start["headers"])
        return response

    return handle


class _Exchange:
    """One request on its way through the app: what it answers, piece by piece, with a bound on what waits."""

    def __init__(self) -> None:
        self.started: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._pieces: deque[bytes] = deque()
        self._waiting = 0  # bytes
        self._task: asyncio.Task[None] | None = None  # once it is done
        self._changed = asyncio.Event()

    async def send(self, message: Message) -> None:
        """Take what the app says; return when there is room for more."""
        if message["type"] == "http.response.start":
            self.started.set_result(message)
        elif message["type"] == "http.response.body" and message.get("body"):
            self._pieces.append(message["body"])
            self._waiting += len(message["body"])
            self._changed.set()
            while self._waiting > WAITING:
                await self._change()

    def finish(self, task: "asyncio.Task[None]") -> None:
        """Take note that the app has said all; its error belongs to whoever waits for the answer."""
        self._task = task
        error = None if task.cancelled() else task.exception()
        if not self.started.done():
            self.started.set_exception(error or RuntimeError("the app gave no answer"))
        self._changed.set()

    async def body(self) -> AsyncIterator[bytes]:
        """Return the pieces; an error of the app breaks off: an answer that just stops would look whole."""
        while True:
            while self._pieces:
                piece = self._pieces.popleft()
                self._waiting -= len(piece)
                self._changed.set()
                yield piece
            if self._task is not None:
                error = None if self._task.cancelled() else self._task.exception()
                if error is not None:
                    raise error
                return
            await self._change()

    async def _change(self) -> None:
        self._changed.clear()
        await self._changed.wait()


async def _response(exchange: _Exchange, task: "asyncio.Task[None]", start: Message, method: str) -> Response:
    lengths = {name for name, _ in start["headers"]} & {b"content-length"}
    if lengths or method == "HEAD" or start["status"] in {204, 304}:
        content = b"".join([piece async for piece in exchange.body()])
        if len(content) <= PIECE:
            return Response(content, start["status"])
        return _Streamed(_cut(content), start["status"])
    return _Streamed(_pieces(exchange, task), start["status"])


class _Streamed(StreamingResponse):
    """An answer in pieces. It breaks off where a piece isn't taken in time: what is left is let go."""

    @override
    async def stream_response(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async with aclosing(cast("AsyncGenerator[bytes]", self.body_iterator)) as pieces:
            async for piece in pieces:
                try:
                    async with asyncio.timeout(STALLED):
                        await send({"type": "http.response.body", "body": piece, "more_body": True})
                except TimeoutError:
                    return  # the server breaks the connection of an answer that isn't whole
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _cut(content: bytes) -> AsyncGenerator[bytes]:
    for start in range(0, len(content), PIECE):
        yield content[start : start + PIECE]


async def _pieces(exchange: _Exchange, task: "asyncio.Task[None]") -> AsyncGenerator[bytes]:
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


def _scope(scope: Scope, prefix: str) -> Scope:
    path = app_path(scope["path"], prefix)
    kept = {name: scope[name] for name in _COPIED if name in scope}
    return {**kept, "path": path, "raw_path": quote(path).encode("ascii"), "root_path": "", "state": {}}
