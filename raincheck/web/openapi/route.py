"""The route of the OpenAPI document."""

from functools import lru_cache
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from raincheck.registry import Registry
from raincheck.web.scope import uses_of
from raincheck.web.urls import base_url

__all__ = ["routes"]

Version = Annotated[Literal["3.1", "3.1.0", "3.0", "3.0.3"], Query()]
MAX_KEPT = 16  # documents; the host name in them comes from outside
routes = APIRouter()


@routes.api_route("/openapi.json", methods=["GET", "HEAD"])
async def openapi(request: Request, version: Version = "3.1") -> Response:
    """Show the document; it is made on first use and kept."""
    uses = uses_of(request)
    newest = version.startswith("3.1")
    return JSONResponse(_document(uses.registry, base_url(request), uses.route_prefix, newest=newest))


@lru_cache(maxsize=MAX_KEPT)
def _document(registry: Registry, base: str, prefix: str, *, newest: bool) -> dict[str, Any]:
    from raincheck.web.openapi.document import openapi_document  # noqa: PLC0415 - hardly any invocation needs it

    flows = (flow for _, flow in sorted(registry.flows.items()))
    document = openapi_document(flows, base=base, prefix=prefix)
    if newest:
        return document
    from raincheck.web.openapi.version_30 import as_openapi_30  # noqa: PLC0415 - as above

    return as_openapi_30(document)
