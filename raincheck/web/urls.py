"""The URLs that answers hand out: on the public base, else the platform's; in development as asked for."""

import re

from starlette.requests import Request

from raincheck.service.documents import StatusDocuments
from raincheck.service.settings import NOWHERE
from raincheck.web.scope import uses_of

__all__ = ["base_url", "documents_of"]

# A host name, IPv4 or bracketed IPv6 address, with a port or none: nothing that could end a header or a path.
_HOST = re.compile(r"(?:[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?\Z")


def base_url(request: Request) -> str:
    """Return scheme and host, e.g. `https://agents.example.com`, without a slash at the end.

    In the cloud it is never a caller's word. In development it is as the request came in: the Functions host
    makes `X-Forwarded-Host` of the caller's own `Host`.
    """
    own_url = uses_of(request).settings.own_url
    if own_url:
        return own_url
    forwarded = _first(request, "x-forwarded-host")
    for host in (forwarded, request.headers.get("host", "")):
        if _HOST.match(host):
            proto = _first(request, "x-forwarded-proto") if host == forwarded else ""
            scheme = proto if proto in {"http", "https"} else request.scope.get("scheme", "https")
            return f"{scheme}://{host}"
    return NOWHERE


def _first(request: Request, name: str) -> str:
    """Return the first item of a header: that of the proxy nearest to the caller."""
    return request.headers.get(name, "").partition(",")[0].strip()


def documents_of(request: Request) -> StatusDocuments:
    """Return the maker of status documents for the caller of a request."""
    return uses_of(request).documents(base_url(request))
