"""The extension's two HTTP faces: the management API behind the host, and the SDK client's own port.

Both lead to the same handlers. The host checks the `code` of the first; the second listens on loopback only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from raincheck_devhost.durable.http.links import RPC_PATH, WEBHOOK_PATH, Links
from raincheck_devhost.durable.http.management import Management

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from raincheck_devhost.durable.runtime.engine import DurableEngine

__all__ = ["client_binding", "management_routes", "rpc_routes"]

_METHODS = ["GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS"]


def management_routes(engine: DurableEngine, *, code: str = "") -> list[Route]:
    """Return the routes of `/runtime/webhooks/durabletask/...`; `code` is the system key that links carry.

    The caller checks the key: these routes let everybody in.
    """
    return _routes(engine, WEBHOOK_PATH, code)


def rpc_routes(engine: DurableEngine, *, code: str = "") -> list[Route]:
    """Return the routes of the SDK client's own base, `http://127.0.0.1:PORT/durabletask/...`."""
    return _routes(engine, RPC_PATH, code)


def client_binding(engine: DurableEngine, *, origin: str, rpc_origin: str, code: str = "") -> str:
    """Return the JSON of a durableClient binding; origins are `http://host:port` without a path."""
    return _links(engine, code).client_binding(origin, rpc_origin)


def _links(engine: DurableEngine, code: str) -> Links:
    return Links(engine.settings.hub_name, engine.settings.connection_name, code)


def _routes(engine: DurableEngine, base: str, code: str) -> list[Route]:
    management = Management(engine, _links(engine, code))

    async def endpoint(request: Request) -> Response:
        return await management.answer(request, request.path_params.get("path", ""))

    return [
        Route(base, endpoint, methods=_METHODS),
        Route(base + "/{path:path}", endpoint, methods=_METHODS),
    ]
