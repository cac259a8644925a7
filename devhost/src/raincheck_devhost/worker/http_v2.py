"""Requests in http-fastapi style: they reach the worker over HTTP, beside the invocation that names them."""

from __future__ import annotations

import asyncio
import importlib
import sys
from typing import Any

from raincheck_devhost.listening import listen
from raincheck_devhost.worker import INVOCATION_HEADER

_MEETING_SECONDS = 30.0


def web_extension() -> Any:
    """Return azurefunctions.extensions.base if the app imported a web extension, else None."""
    extension = sys.modules.get("azurefunctions.extensions.base")
    if extension is None or not extension.HttpV2FeatureChecker.http_v2_enabled():
        return None
    return extension


class Meetings:
    """Where the HTTP request and the invocation of one id meet, whichever comes first."""

    def __init__(self) -> None:
        self._requests: dict[str, asyncio.Future[Any]] = {}
        self._answers: dict[str, asyncio.Future[Any]] = {}

    async def request(self, invocation: str) -> Any:
        """Wait for the request of an invocation; raises TimeoutError if it doesn't come."""
        return await asyncio.wait_for(self._place(self._requests, invocation), _MEETING_SECONDS)

    def answer(self, invocation: str, response: Any) -> None:
        """Hand over what the function returned, or the exception it raised."""
        place = self._place(self._answers, invocation)
        if not place.done():
            place.set_result(response)

    async def exchange(self, invocation: str, request: Any) -> Any:
        """Bring a request and wait for what to answer; raises what the function raised."""
        place = self._place(self._requests, invocation)
        if not place.done():
            place.set_result(request)
        try:
            response = await self._place(self._answers, invocation)
        finally:
            self._requests.pop(invocation, None)
            self._answers.pop(invocation, None)
        if response is None:
            raise ValueError(f"No http response found for invocation {invocation}")
        if isinstance(response, BaseException):
            raise response
        return response

    def drop(self, invocation: str) -> None:
        """Forget an invocation that nobody will ask for any more."""
        self._requests.pop(invocation, None)
        self._answers.pop(invocation, None)

    @staticmethod
    def _place(places: dict[str, asyncio.Future[Any]], invocation: str) -> asyncio.Future[Any]:
        if invocation not in places:
            places[invocation] = asyncio.get_running_loop().create_future()
        return places[invocation]


def open_server(meetings: Meetings) -> tuple[int, Any, asyncio.Task[None]]:
    """Serve the extension's own web app on a free loopback port; return port, server and serving task."""
    import uvicorn  # noqa: PLC0415 - only apps in http-fastapi style need it

    base = web_extension()
    module = importlib.import_module(base.ModuleTrackerMeta.get_module())
    app = module.WebApp()
    request_type = base.RequestTrackerMeta.get_request_type()

    async def catch_all(request: Any) -> Any:
        return await meetings.exchange(request.headers.get(INVOCATION_HEADER.decode(), ""), request)

    catch_all.__annotations__ = {"request": request_type}
    app.route(catch_all)
    listener = listen("127.0.0.1", 0)
    config = uvicorn.Config(app.get_app(), log_config=None, access_log=False, timeout_keep_alive=3600)
    server = uvicorn.Server(config)
    server.capture_signals = _leave_signals  # type: ignore[method-assign]  # the host ends workers, not signals
    task = asyncio.get_running_loop().create_task(server.serve(sockets=[listener]))
    return listener.getsockname()[1], server, task


def _leave_signals() -> Any:
    import contextlib  # noqa: PLC0415 - as uvicorn

    return contextlib.nullcontext()


def set_route_parameters(request: Any, parameters: dict[str, str]) -> None:
    """Put the host's route parameters into the request, as the extension does."""
    synchronizer = web_extension().RequestTrackerMeta.get_synchronizer()
    synchronizer.sync_route_params(request, parameters)
