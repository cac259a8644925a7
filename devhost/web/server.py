"""The host's HTTP front: an ASGI app that finds the function, checks the key and hands the request over."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from contextlib import suppress
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import httpcore

from devhost.durable.ports import FunctionFailed, WorkerLost
from devhost.web import admin
from devhost.web.classic import response_of, typed_request
from devhost.web.keys import Verdict, key_of
from devhost.web.proxy import Proxy, until_gone
from devhost.web.requestlog import RequestLog
from devhost.web.routes import decode_path

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from devhost.app import App
    from devhost.functions import Function

_log = logging.getLogger("devhost")
_LARGEST_BODY = 104_857_600
_BEARER = [("www-authenticate", "Bearer")]
_DURABLE = "/runtime/webhooks/durabletask"
_CHALLENGED = 401


class Front:
    """Serves HTTP functions, the admin API and Durable's webhooks of one app."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._proxy = Proxy(app.settings.custom_headers)
        self._extra = list(app.settings.custom_headers.items())
        self._background: set[asyncio.Task[Any]] = set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one connection's request (ASGI)."""
        if scope["type"] != "http":
            return
        log = RequestLog(scope, send)
        started = time.perf_counter()
        try:
            await self._route(scope, receive, log)
        except _TooLarge:
            await self._respond(log, 413)
        finally:
            log.write(time.perf_counter() - started)

    async def close(self) -> None:
        """Close what the front holds open."""
        await self._proxy.close()

    async def _route(self, scope: Any, receive: Any, log: RequestLog) -> None:
        method, path = scope["method"], decode_path(scope["raw_path"])
        lowered = path.lower()
        if lowered == "/admin/host/ping":
            return await self._respond(log, *admin.ping())
        if lowered.startswith(_DURABLE) and self._app.durable_web is not None:
            verdict = self._app.keys.check_durable(key_of(scope))
            if verdict is not Verdict.GO:
                return await self._refuse(log, verdict)
            return await self._app.durable_web(scope, receive, log)
        if self._app.broken is not None:
            plain = [("content-type", "text/plain; charset=utf-8")]
            return await self._respond(log, 503, plain, self._app.broken.encode())
        found = self._app.routes.find(method, path)
        if found is not None:
            return await self._function(scope, receive, log, *found)
        if lowered.startswith("/admin/"):
            return await self._admin(scope, receive, log, path)
        if path == "/" and method in ("GET", "HEAD"):
            return await self._respond(log, *admin.welcome())
        return await self._respond(log, 404)

    async def _function(
        self, scope: Any, receive: Any, log: RequestLog, function: Function, parameters: dict[str, str]
    ) -> None:
        verdict = self._app.keys.check_function(function.name, function.auth_level, key_of(scope))
        if verdict is not Verdict.GO:
            return await self._respond(log, verdict.value)
        invocation = str(uuid.uuid4())
        log.function, log.invocation = function.name, invocation
        body = await _read_body(scope, receive)
        generation = await self._app.calls.workers.generation()
        worker = await generation.front()
        port = (await worker.loaded()).http_port
        if port is None:
            return await self._classic(scope, log, function, parameters, body, invocation)
        if any(name == b"x-ms-invocation-id" for name, _ in scope["headers"]):
            text = b"a request with an x-ms-invocation-id header of its own hangs on Azure; send none"
            return await self._respond(log, 400, [("content-type", "text/plain")], text)
        trigger = typed_request(scope, parameters)
        inputs = self._app.calls.inputs(function, trigger)
        call = asyncio.create_task(self._invoke(worker, function, inputs, invocation))
        self._background.add(call)
        call.add_done_callback(self._background.discard)
        try:
            forward = self._proxy.forward(scope, body, port, invocation, log)
            await self._app.calls.workers.limited(function.name, worker, until_gone(receive, forward))
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, FunctionFailed):
            if log.status:
                raise ConnectionResetError from None  # a broken stream has to look broken
            await self._respond(log, 500)
        return None

    async def _invoke(self, worker: Any, function: Function, inputs: dict[str, Any], invocation: str) -> None:
        with suppress(FunctionFailed, WorkerLost):  # the worker has logged it and answers the request
            answer = await worker.invoke(function.name, inputs, invocation=invocation)
            await self._app.calls.write_outputs(function, answer)

    async def _classic(
        self,
        scope: Any,
        log: RequestLog,
        function: Function,
        parameters: dict[str, str],
        body: bytes,
        invocation: str,
    ) -> None:
        trigger = typed_request(scope, parameters)
        try:
            answer = await self._app.calls.run(
                function, trigger, invocation=invocation, front=True, blob=body
            )
            status, headers, content = response_of(answer)
        except (FunctionFailed, WorkerLost, KeyError, ValueError):
            return await self._respond(log, 500)
        return await self._respond(log, status, headers, content, chunked=True)

    async def _admin(self, scope: Any, receive: Any, log: RequestLog, path: str) -> None:
        verdict = self._app.keys.check_admin(key_of(scope))
        if verdict is not Verdict.GO:
            return await self._refuse(log, verdict)
        body = await _read_body(scope, receive)
        functions = {each.name.lower(): each for each in self._app.functions}
        return await self._respond(
            log, *admin.answer(scope["method"], path, body, functions, self._app.run_by_hand)
        )

    async def _refuse(self, log: RequestLog, verdict: Verdict) -> None:
        await self._respond(log, verdict.value, _BEARER if verdict.value == _CHALLENGED else [])

    async def _respond(
        self,
        send: Callable[[Any], Awaitable[None]],
        status: int,
        headers: list[tuple[str, str]] | None = None,
        body: bytes = b"",
        *,
        chunked: bool = False,
    ) -> None:
        fields = [*(headers or []), *self._extra, ("server", "devhost"), ("date", formatdate(usegmt=True))]
        if not chunked:
            fields.append(("content-length", str(len(body))))
        encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in fields]
        await send({"type": "http.response.start", "status": status, "headers": encoded})
        await send({"type": "http.response.body", "body": body})


class _TooLarge(Exception):  # noqa: N818  # what the request is
    pass


async def _read_body(scope: Any, receive: Any) -> bytes:
    declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    if int(declared or 0) > _LARGEST_BODY:
        raise _TooLarge
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > _LARGEST_BODY:
            raise _TooLarge
        if not message.get("more_body"):
            break
    return b"".join(chunks)
