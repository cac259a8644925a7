"""The HTTP functions: each is bound to one of the two apps, so no spelling of a path gets around a key.

The host takes the first match in the alphabetical order of the functions' names, and ignores case in routes;
none of these routes overlap.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import azure.functions as func
from azurefunctions.extensions.http.fastapi import Request, Response

from raincheck.adapters.orchestrations import DurableOrchestrations
from raincheck.functions.bridge import serve
from raincheck.web import ORCHESTRATIONS

if TYPE_CHECKING:
    import azure.durable_functions as df
    from starlette.types import ASGIApp

__all__ = ["register"]

Handler = Callable[[Request, Any], Awaitable[Response]]

# All that every host has: a wrong method must get a problem document, not the host's empty 404.
_METHODS = [func.HttpMethod[name] for name in ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")]

_KEYED = {"keyed_flows": "flows/{*path}", "keyed_manage": "manage/{*path}", "keyed_openapi": "openapi.json"}
_OPEN = {"open_health": "health", "open_runs": "runs/{*path}"}


def register(app: "df.DFApp", *, keyed: "ASGIApp", open_: "ASGIApp", prefix: str) -> None:
    """Register the functions.

    Args:
        app: the function app.
        keyed: serves what wants a key.
        open_: serves what a token opens, and health.
        prefix: what the host puts before every route, e.g. `/api`.
    """
    for name, route in _KEYED.items():
        _register(app, name, route, func.AuthLevel.FUNCTION)(_handler(name, keyed, prefix))
    for name, route in _OPEN.items():
        _register(app, name, route, func.AuthLevel.ANONYMOUS)(_handler(name, open_, prefix))


def _register(app: "df.DFApp", name: str, route: str, level: func.AuthLevel) -> Callable[[Handler], Any]:
    def decorate(function: Handler) -> Any:
        bound = app.durable_client_input(client_name="client")(function)
        bound = app.route(route=route, methods=_METHODS, auth_level=level, trigger_arg_name="request")(bound)
        return app.function_name(name)(bound)

    return decorate


def _handler(name: str, target: "ASGIApp", prefix: str) -> Handler:
    async def handle(request: Request, client: Any) -> Response:
        return await serve(
            target, request, prefix=prefix, extras={ORCHESTRATIONS: DurableOrchestrations(client)}
        )

    handle.__name__ = name
    return handle
