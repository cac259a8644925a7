"""Whether the app is well: cheap, open to everybody, and without a word about where anything is."""

import asyncio

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from raincheck import __version__
from raincheck.errors import StorageUnavailable
from raincheck.service.services import Services

__all__ = ["router"]

LIMIT = 2.0  # seconds


def router(services: Services) -> APIRouter:
    """Build the route."""
    routes = APIRouter()

    @routes.api_route("/health", methods=["GET", "HEAD"])
    async def health() -> Response:
        reachable = await _storage_reachable(services)
        return JSONResponse(
            {
                "status": "ok" if reachable else "unavailable",
                "version": __version__,
                "storage": "reachable" if reachable else "unreachable",
            },
            200 if reachable else 503,
        )

    return routes


async def _storage_reachable(services: Services) -> bool:
    """Look for a run that isn't there: one read."""
    try:
        async with asyncio.timeout(LIMIT):
            await services.runs.get(services.new_run_id(services.clock()))
    except (StorageUnavailable, TimeoutError):
        return False
    return True
