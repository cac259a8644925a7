"""Requests in http-fastapi style: they reach the worker over HTTP, beside the invocation that names them."""

from __future__ import annotations

import asyncio
import importlib
import sys
from typing import Any

from raincheck_devhost.listening import listen
from raincheck_devhost.worker import INVOCATION_HEADER
from raincheck_devhost.worker.coordinator import http_coordinator


def web_extension() -> Any:
    """Return azurefunctions.extensions.base if the app imported a web extension, else None."""
    extension = sys.modules.get("azurefunctions.extensions.base")
    if extension is None or not extension.HttpV2FeatureChecker.http_v2_enabled():
        return None
    return extension


def open_server() -> tuple[int, Any, asyncio.Task[None]]:
    """Serve the extension's own web app on a free loopback port; return port, server and serving task."""
    import uvicorn  # noqa: PLC0415 - only apps in http-fastapi style need it

    base = web_extension()
    module = importlib.import_module(base.ModuleTrackerMeta.get_module())
    app = module.WebApp()
    request_type = base.RequestTrackerMeta.get_request_type()

    async def catch_all(request: Any) -> Any:
        invocation = request.headers.get(INVOCATION_HEADER.decode(), "")
        http_coordinator.set_http_request(invocation, request)
        response = await http_coordinator.await_http_response_async(invocation)
        if isinstance(response, BaseException):
            raise response
        return response

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
