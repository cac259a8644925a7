"""What the bridge puts into a request's scope, and what every face takes out of it."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, cast

from starlette.requests import Request

if TYPE_CHECKING:
    from raincheck.service.use_cases import UseCases

__all__ = ["USE_CASES", "gone", "uses_of"]

USE_CASES = "raincheck.use_cases"
"""The key of the ASGI scope under which the use cases of this invocation are."""


def uses_of(request: Request) -> "UseCases":
    """Return the use cases that came with the request."""
    return cast("UseCases", request.scope[USE_CASES])


def gone(request: Request) -> Callable[[], Awaitable[bool]]:
    """Return what tells whether the caller has left."""
    return request.is_disconnected
