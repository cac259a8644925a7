"""Functions in http-fastapi style, as the host serves them: invoked at once, the request forwarded beside.

The exchange ends with the invocation, whatever the worker's server has answered by then. A request that
never reaches the function strands its invocation, as on Azure: it waits until functionTimeout, and then the
worker is replaced. What happened is in the log.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from raincheck_devhost.durable.ports import FunctionFailed, WorkerLost
from raincheck_devhost.web.proxy import Proxy
from raincheck_devhost.worker import INVOCATION_HEADER

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from raincheck_devhost.calls import Calls
    from raincheck_devhost.functions import Function
    from raincheck_devhost.processes import WorkerProcess
    from raincheck_devhost.web.exchange import Exchange

__all__ = ["BrokenStream", "Streams"]

_log = logging.getLogger("raincheck_devhost")
_SOON = 1.0  # seconds in which an invocation ends after its answer
_OWN_ID = "the caller sent an x-ms-invocation-id of its own, so request and invocation can't be paired"
_LEFT = "the caller hung up before its request was forwarded"
_TAKEN = "the web extension answered by itself, its route doesn't match the path"
_STRANDED = "[%s %s] stranded: %s; as on Azure it waits until functionTimeout, which ends its process"


class BrokenStream(ConnectionResetError):
    """An answer that broke off in the middle has to look so: the server resets the connection for this."""

    reported_by_devhost = True  # no traceback of the server's for it


class Streams:
    """Serves requests of one app in that style."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._proxy = Proxy()
        self._serving: set[asyncio.Task[None]] = set()

    def close(self) -> None:
        """Close idle connections."""
        self._proxy.close()

    async def serve(
        self,
        exchange: Exchange,
        body: bytes,
        function: Function,
        trigger: dict[str, Any],
        worker: WorkerProcess,
    ) -> None:
        """Answer a request; the worker has a server for this style."""
        port = (await worker.loaded()).http_port
        assert port is not None  # noqa: S101 - or the request is served in the other style
        inputs = self._calls.inputs(function, trigger)
        forwarding = asyncio.ensure_future(self._proxy.forward(exchange, body, port))
        both = self._both(exchange, function, inputs, worker, forwarding)
        serving = asyncio.create_task(_ended(self._calls.workers.limited(function.name, worker, both)))
        self._serving.add(serving)
        serving.add_done_callback(self._serving.discard)
        if any(name == INVOCATION_HEADER for name, _ in exchange.scope["headers"]):
            _say(exchange, _OWN_ID)
        try:
            await _left_before(exchange.receive, serving)
            if not serving.done():  # it goes on without the caller
                if not exchange.forwarded:
                    _say(exchange, _LEFT)
                return
        finally:
            forwarding.cancel()
            await asyncio.wait({forwarding})
        if not forwarding.cancelled() and forwarding.exception() is None:
            await exchange.end()
        elif exchange.status:
            raise BrokenStream
        else:
            await exchange.respond(500)

    async def _both(
        self,
        exchange: Exchange,
        function: Function,
        inputs: dict[str, Any],
        worker: WorkerProcess,
        forwarding: asyncio.Future[None],
    ) -> None:
        call = worker.invoke(function.name, inputs, invocation=exchange.invocation)
        invoking = asyncio.ensure_future(call)
        try:
            halves: set[asyncio.Future[Any]] = {forwarding, invoking}
            await asyncio.wait(halves, return_when=asyncio.FIRST_COMPLETED)
            if not invoking.done() and not forwarding.cancelled():
                await asyncio.wait({invoking}, timeout=_SOON)
                if not invoking.done():
                    _say(exchange, str(forwarding.exception() or _TAKEN))
            answer = await invoking
        except (FunctionFailed, WorkerLost):  # the worker has logged it and answers the request
            pass
        else:
            await self._calls.write_outputs(function, answer)
        finally:
            invoking.cancel()
        await asyncio.wait({forwarding})


async def _ended(work: Awaitable[None]) -> None:
    with suppress(FunctionFailed):  # by its time limit, which is in the log
        await work


async def _left_before(receive: Callable[[], Awaitable[Any]], serving: asyncio.Future[None]) -> None:
    """Wait until the caller has left, or `serving` is over."""
    watch = asyncio.ensure_future(_disconnect(receive))
    try:
        await asyncio.wait({serving, watch}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        watch.cancel()


async def _disconnect(receive: Callable[[], Awaitable[Any]]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _say(exchange: Exchange, why: str) -> None:
    _log.warning(_STRANDED, exchange.function, exchange.invocation[:8], why)
