"""The two FastAPI apps. Each holds its own routes only, so no spelling of a path leads into the other."""

from collections.abc import Iterable, Sequence

from fastapi import APIRouter
from starlette.middleware.cors import CORSMiddleware

from raincheck.web import health
from raincheck.web.manage import deliveries
from raincheck.web.manage import runs as managed_runs
from raincheck.web.middleware import Middleware
from raincheck.web.native import answer, events, flows, runs
from raincheck.web.openapi import route as openapi
from raincheck.web.problem_responses import install
from raincheck.web.untraced import UntracedFastAPI

__all__ = ["keyed_app", "open_app"]

_EXPOSED = ["Location", "Operation-Location", "Preference-Applied", "Raincheck-Deadline", "Retry-After"]


def keyed_app() -> UntracedFastAPI:
    """Build the app behind the functions that want a key: what starts work or tells what there is."""
    return _app([flows.routes, managed_runs.routes, deliveries.routes, openapi.routes])


def open_app(cors_origins: Sequence[str] = ()) -> UntracedFastAPI:
    """Build the app behind the functions without a key: what a token opens, and health."""
    app = _app([runs.routes, events.routes, answer.routes, health.routes])
    if cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=cors_origins,
            allow_methods=["GET", "HEAD", "POST"],
            allow_headers=["Accept", "Content-Type", "Last-Event-ID", "Prefer"],
            expose_headers=_EXPOSED,
        )
    return app


def _app(routers: Iterable[APIRouter]) -> UntracedFastAPI:
    app = UntracedFastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    install(app)
    app.add_middleware(Middleware)
    for router in routers:
        app.include_router(router)
    return app
