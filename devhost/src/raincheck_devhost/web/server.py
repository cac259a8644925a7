"""The host's HTTP front: an ASGI app that finds the function, checks the key and hands the request over."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from raincheck_devhost.durable.ports import FunctionFailed, WorkerLost
from raincheck_devhost.keys import Verdict, key_of
from raincheck_devhost.routes import decode_path
from raincheck_devhost.web import admin
from raincheck_devhost.web.classic import response_of, typed_request
from raincheck_devhost.web.exchange import Exchange, TooLarge
from raincheck_devhost.web.proxy import Proxy, until_gone
from raincheck_devhost.web.upstream import UpstreamLost
from raincheck_devhost.worker import INVOCATION_HEADER

if TYPE_CHECKING:
    from raincheck_devhost.app import App
    from raincheck_devhost.functions import Function
    from raincheck_devhost.processes import WorkerProcess

_BEARER = [("www-authenticate", "Bearer")]
_TEXT = [("content-type", "text/plain; charset=utf-8")]
_DURABLE = "/runtime/webhooks/durabletask"
_NO_PROCESS = "No process of the app has started within a minute; see devhost's output.\n"
_OWN_HEADER = b"A request that brings its own x-ms-invocation-id hangs on Azure: leave the header away.\n"


class BrokenStream(ConnectionResetError):
    """An answer that broke off in the middle has to look so: the server resets the connection for this."""

    reported_by_devhost = True  # no traceback of the server's for it


class Front:
    """Serves HTTP functions, the admin API and Durable's webhooks of one app."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._proxy = Proxy()
        self._background: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request (ASGI); anything but HTTP is refused by the server."""
        if scope["type"] != "http":
            return
        exchange = Exchange(scope, receive, send, self._app.settings.custom_headers)
        try:
            await self._route(exchange, decode_path(scope["raw_path"]))
        except TooLarge:
            await exchange.respond(413)
        finally:
            exchange.log()

    def close(self) -> None:
        """Close what the front holds open."""
        self._proxy.close()

    async def _route(self, exchange: Exchange, path: str) -> None:
        lowered = path.lower()
        if lowered == "/admin/host/ping":
            await exchange.respond(*admin.ping())
        elif lowered.startswith(_DURABLE) and self._app.durable_web is not None:
            await self._durable(exchange)
        elif self._app.broken is not None:
            await exchange.respond(503, _TEXT, self._app.broken.encode())
        elif (match := self._app.routes.find(exchange.method, path)) is not None:
            await self._function(exchange, *match)
        elif lowered.startswith("/admin/"):
            await self._admin(exchange, path)
        elif path == "/" and exchange.method in ("GET", "HEAD"):
            await exchange.respond(*admin.welcome())
        else:
            await exchange.respond(404)

    async def _function(self, exchange: Exchange, function: Function, parameters: dict[str, str]) -> None:
        verdict = self._app.keys.check_function(function.name, function.auth_level, key_of(exchange.scope))
        if verdict is not Verdict.GO:
            await exchange.respond(verdict.value)
            return
        exchange.name(function.name)
        body = await exchange.body()
        trigger = typed_request(exchange.scope, parameters)
        worker = await self._app.front_worker()
        if worker is None:
            await exchange.respond(503, _TEXT, (self._app.broken or _NO_PROCESS).encode())
            return
        port = (await worker.loaded()).http_port
        if port is None:
            await self._classic(exchange, function, trigger, body)
        elif any(name == INVOCATION_HEADER for name, _ in exchange.scope["headers"]):
            await exchange.respond(400, _TEXT, _OWN_HEADER)
        else:
            inputs = self._app.calls.inputs(function, trigger)
            call = asyncio.create_task(self._invoke(worker, function, inputs, exchange.invocation))
            self._background.add(call)
            call.add_done_callback(self._background.discard)
            await self._stream(exchange, function, worker, body, port)

    async def _stream(
        self, exchange: Exchange, function: Function, worker: WorkerProcess, body: bytes, port: int
    ) -> None:
        forward = self._proxy.forward(exchange, body, port)
        try:
            await self._app.calls.workers.limited(
                function.name, worker, until_gone(exchange.receive, forward)
            )
        except (UpstreamLost, FunctionFailed):
            if exchange.status:
                raise BrokenStream from None
            await exchange.respond(500)

    async def _invoke(
        self, worker: WorkerProcess, function: Function, inputs: dict[str, Any], invocation: str
    ) -> None:
        with suppress(FunctionFailed, WorkerLost):  # the worker has logged it and answers the request
            answer = await worker.invoke(function.name, inputs, invocation=invocation)
            await self._app.calls.write_outputs(function, answer)

    async def _classic(self, exchange: Exchange, function: Function, trigger: Any, body: bytes) -> None:
        try:
            answer = await self._app.calls.run(
                function, trigger, invocation=exchange.invocation, front=True, blob=body
            )
            status, headers, content = response_of(answer)
        except (FunctionFailed, WorkerLost, KeyError, ValueError):
            await exchange.respond(500)
        else:
            await exchange.respond(status, headers, content, chunked=True)

    async def _durable(self, exchange: Exchange) -> None:
        verdict = self._app.keys.check_durable(key_of(exchange.scope))
        if verdict is Verdict.GO:
            await self._app.durable_web(exchange.scope, exchange.receive, exchange.send)
        else:
            await _refuse(exchange, verdict)

    async def _admin(self, exchange: Exchange, path: str) -> None:
        verdict = self._app.keys.check_admin(key_of(exchange.scope))
        if verdict is not Verdict.GO:
            await _refuse(exchange, verdict)
            return
        functions = {each.name.lower(): each for each in self._app.functions}
        body = await exchange.body()
        await exchange.respond(*admin.answer(exchange.method, path, body, functions, self._app.run_by_hand))


async def _refuse(exchange: Exchange, verdict: Verdict) -> None:
    await exchange.respond(verdict.value, _BEARER if verdict is Verdict.UNAUTHORIZED else [])
