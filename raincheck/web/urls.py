"""The URLs that answers hand out: on the public base, else on the host that the request came in by."""

import re

from starlette.requests import Request

from raincheck.service.documents import StatusDocuments
from raincheck.web.scope import uses_of

__all__ = ["base_url", "documents_of"]

# A host name, IPv4 or bracketed IPv6 address, with a port or none: nothing that could end a header or a path.
_HOST = re.compile(r"(?:[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?\Z")


def base_url(request: Request) -> str:
    """Return scheme and host, e.g. `https://agents.example.com`, without a slash at the end.

    The Functions host sets `X-Forwarded-Host` and `-Proto` itself, over what a client sends.
    """
    public_url = uses_of(request).settings.public_url
    if public_url:
        return public_url
    forwarded = request.headers.get("x-forwarded-host", "")
    for host in (forwarded, request.headers.get("host", "")):
        if _HOST.match(host):
            proto = request.headers.get("x-forwarded-proto", "") if host == forwarded else ""
            scheme = proto if proto in {"http", "https"} else request.scope.get("scheme", "https")
            return f"{scheme}://{host}"
    return "http://localhost"


def documents_of(request: Request) -> StatusDocuments:
    """Return the maker of status documents for the caller of a request."""
    return uses_of(request).documents(base_url(request))
