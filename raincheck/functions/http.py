"""The HTTP functions: each is bound to one of the two apps, so no spelling of a path gets around a key.

The host takes the first match in the alphabetical order of the functions' names, and ignores case in routes;
none of these routes overlap.
"""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

import azure.functions as func

from raincheck.functions.deferred_imports import deferred

with deferred("uvicorn"):
    from azurefunctions.extensions.http.fastapi import Request, Response

from raincheck.functions.bridge import Extras, handler

if TYPE_CHECKING:
    import azure.durable_functions as df
    from starlette.types import ASGIApp

__all__ = ["NAMES", "add_route", "register"]

Face = Callable[[], "ASGIApp"]

# All that every host has: a wrong method must get a problem document, not the host's empty 404.
_METHODS = [func.HttpMethod[name] for name in ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")]

_KEYED = {"keyed_flows": "flows/{*path}", "keyed_manage": "manage/{*path}", "keyed_openapi": "openapi.json"}
_OPEN = {"open_health": "health", "open_runs": "runs/{*path}"}
NAMES = frozenset({*_KEYED, *_OPEN})


def register(app: "df.DFApp", *, keyed: Face, open_: Face, prefix: str, extras: Extras) -> None:
    """Register the functions.

    Args:
        app: the function app.
        keyed: makes what serves what wants a key; called once, when it is first needed.
        open_: makes what serves what a token opens, and health; likewise.
        prefix: what the host puts before every route, e.g. `/api`.
        extras: what goes into the scope of both.
    """
    for routes, face, level in (
        (_KEYED, keyed, func.AuthLevel.FUNCTION),
        (_OPEN, open_, func.AuthLevel.ANONYMOUS),
    ):
        make = cache(face)
        for name, route in routes.items():
            function: Any = handler(make, prefix=prefix, extras=extras)
            function.__annotations__ = {"client": Any}
            bound = app.durable_client_input(client_name="client")
            add_route(app, name, route, level, function, bound=bound)


def add_route(
    app: "df.DFApp",
    name: str,
    route: str,
    level: func.AuthLevel,
    function: Any,
    *,
    bound: Callable[[Any], Any] = lambda function: function,
) -> None:
    """Add a function for every method of a route; `bound` adds its other bindings."""
    function.__name__ = name
    # The worker tells by these whether requests come as FastAPI's.
    function.__annotations__ |= {"request": Request, "return": Response}
    triggered = app.route(route=route, methods=_METHODS, auth_level=level, trigger_arg_name="request")
    app.function_name(name)(triggered(bound(function)))
