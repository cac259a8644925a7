"""The two FastAPI apps. Each holds its own routes only, so no spelling of a path leads into the other."""

from collections.abc import Iterable

from fastapi import APIRouter, FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response

from raincheck.service.services import Services
from raincheck.service.waiting import ClientGone
from raincheck.web import answer as answer_route
from raincheck.web import flows, health, manage, manage_deliveries, openapi_route, runs
from raincheck.web.middleware import Answers
from raincheck.web.problem_responses import install

__all__ = ["keyed_app", "open_app"]

_EXPOSED = ["Location", "Operation-Location", "Preference-Applied", "Raincheck-Deadline", "Retry-After"]


def keyed_app(services: Services) -> FastAPI:
    """Build the app behind the functions that want a key: what starts work or tells what there is."""
    return _app(
        [
            flows.router(services),
            manage.router(services),
            manage_deliveries.router(services),
            openapi_route.router(services),
        ]
    )


def open_app(services: Services) -> FastAPI:
    """Build the app behind the functions without a key: what a token opens, and health."""
    app = _app([runs.router(services), answer_route.router(services), health.router(services)])
    if services.settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=services.settings.cors_origins,
            allow_methods=["GET", "HEAD", "POST"],
            allow_headers=["Accept", "Content-Type", "Last-Event-ID", "Prefer"],
            expose_headers=_EXPOSED,
        )
    return app


def _app(routers: Iterable[APIRouter]) -> FastAPI:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    install(app)
    app.add_exception_handler(ClientGone, _nobody_there)
    app.add_middleware(Answers)
    for router in routers:
        app.include_router(router)
    return app


def _nobody_there(_: Request, __: Exception) -> Response:
    return Response(status_code=499)  # as nginx logs it; nobody reads it
