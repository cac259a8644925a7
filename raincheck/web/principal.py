"""Who a caller is, where the platform says so: callers told apart share neither keys nor talks."""

from starlette.requests import Request

from raincheck.web.scope import uses_of

__all__ = ["principal_of"]


def principal_of(request: Request) -> str | None:
    """Return the caller; empty where it is nobody that the platform knows, None where it isn't asked.

    App Service authentication puts these headers in place of what a caller sends. Without it they are any
    caller's word. Which function key a request came with, the host tells nobody.
    """
    if not uses_of(request).settings.app_service_auth:
        return None
    provider, name = (request.headers.get(f"x-ms-client-principal-{part}", "") for part in ("idp", "id"))
    return f"{provider} {name}".strip()
