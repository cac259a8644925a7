"""Whether the app is well: cheap, open to everybody, and without a word about where anything is."""

import asyncio

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from raincheck import __version__
from raincheck.errors import StorageUnavailable
from raincheck.service.use_cases import UseCases
from raincheck.web.scope import uses_of

__all__ = ["routes"]

LIMIT = 2.0  # seconds
routes = APIRouter()


@routes.api_route("/health", methods=["GET", "HEAD"])
async def health(request: Request) -> Response:
    """Tell how the app is."""
    reachable = await _storage_reachable(uses_of(request))
    return JSONResponse(
        {
            "status": "ok" if reachable else "unavailable",
            "version": __version__,
            "storage": "reachable" if reachable else "unreachable",
        },
        200 if reachable else 503,
    )


async def _storage_reachable(uses: UseCases) -> bool:
    try:
        async with asyncio.timeout(LIMIT):
            await uses.runs.probe(uses.now())
    except (StorageUnavailable, TimeoutError):
        return False
    return True
