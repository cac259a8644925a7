"""The route of the OpenAPI document."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from raincheck.errors import RequestError
from raincheck.service.services import Services
from raincheck.web.urls import base_url

__all__ = ["router"]

_VERSIONS = {"3.1": "3.1", "3.1.0": "3.1", "3.0": "3.0", "3.0.3": "3.0"}
MAX_KEPT = 16  # documents; the host name in them comes from outside


def router(services: Services) -> APIRouter:
    """Build the route; documents are made on first use and kept."""
    routes = APIRouter()
    kept: dict[tuple[str, str], dict[str, Any]] = {}

    @routes.api_route("/openapi.json", methods=["GET", "HEAD"])
    async def openapi(request: Request) -> Response:
        version = _VERSIONS.get(request.query_params.get("version", "3.1"))
        if version is None:
            message = "version is 3.1 or 3.0."
            raise RequestError(
                422, "invalid_request", message, errors=[{"path": "version", "message": message}]
            )
        key = (version, base_url(request, services.settings))
        if key not in kept:
            if len(kept) >= MAX_KEPT:
                kept.clear()
            kept[key] = _document(services, *key)
        return JSONResponse(kept[key])

    return routes


def _document(services: Services, version: str, base: str) -> dict[str, Any]:
    from raincheck.web.openapi import openapi_document  # noqa: PLC0415 - hardly any invocation needs it

    flows = (flow for _, flow in sorted(services.registry.flows.items()))
    document = openapi_document(flows, base=base, prefix=services.route_prefix)
    if version == "3.1":
        return document
    from raincheck.web.openapi_30 import as_openapi_30  # noqa: PLC0415 - as above

    return as_openapi_30(document)
