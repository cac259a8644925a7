"""The host's HTTP front: an ASGI app that finds the function, checks the key and hands the request over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from raincheck_devhost.durable.ports import FunctionFailed, WorkerLost
from raincheck_devhost.keys import Verdict, key_of
from raincheck_devhost.routes import decode_path
from raincheck_devhost.web import admin
from raincheck_devhost.web.classic import response_of, typed_request
from raincheck_devhost.web.door import refusal
from raincheck_devhost.web.exchange import Exchange, Left, TooLarge, TooSlow
from raincheck_devhost.web.streams import Streams

if TYPE_CHECKING:
    from raincheck_devhost.app import App
    from raincheck_devhost.functions import Function

_BEARER = [("www-authenticate", "Bearer")]
_TEXT = [("content-type", "text/plain; charset=utf-8")]
_CLOSE = [("connection", "close")]
_DURABLE = "/runtime/webhooks/durabletask"
_NO_PROCESS = "No process of the app has started within a minute; see devhost's output.\n"


class Front:
    """Serves HTTP functions, the admin API and Durable's webhooks of one app."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._streams = Streams(app.calls)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request (ASGI); anything but HTTP is refused by the server."""
        if scope["type"] != "http":
            return
        exchange = Exchange(scope, receive, send, self._app.settings.custom_headers)
        try:
            refused = refusal(scope)
            if refused is None:
                await self._route(exchange, decode_path(scope["raw_path"]))
            else:
                await exchange.respond(refused, _CLOSE)
        except TooLarge:
            await exchange.respond(413)
        except TooSlow:
            await exchange.respond(500, _CLOSE)
        except Left:
            pass
        finally:
            exchange.log()

    def close(self) -> None:
        """Close what the front holds open."""
        self._streams.close()

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
        if (await worker.loaded()).http_port is None:
            await self._classic(exchange, function, trigger, body)
        else:
            await self._streams.serve(exchange, body, function, trigger, worker)

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
        if path.lower() == "/admin/host/drain/status":
            await exchange.respond(*admin.drain_status(self._app.calls.workers.outstanding))
            return
        functions = {each.name.lower(): each for each in self._app.functions}
        body = await exchange.body()
        await exchange.respond(*admin.answer(exchange.method, path, body, functions, self._app.run_by_hand))


async def _refuse(exchange: Exchange, verdict: Verdict) -> None:
    await exchange.respond(verdict.value, _BEARER if verdict is Verdict.UNAUTHORIZED else [])
