"""Page tokens: where a page of a table ended, as an opaque text that callers bring back."""

from typing import Any

from raincheck import opaque
from raincheck.errors import RequestError

__all__ = ["continuation_of", "page_token"]


def page_token(continuation: dict[str, Any] | None) -> str | None:
    """Return the token for what the SDK says, None for the end."""
    return opaque.encode(continuation) if continuation else None


def continuation_of(token: str | None) -> dict[str, Any] | None:
    """Read a page token; None stands for the first page.

    Raises:
        RequestError: 422; it is something else.
    """
    if not token:
        return None
    try:
        continuation = opaque.decode(token)
    except ValueError:
        continuation = None
    if not isinstance(continuation, dict) or not all(
        isinstance(one, str | None) for one in continuation.values()
    ):
        message = "page is not where another page ended."
        raise RequestError(422, "invalid_request", message, errors=[{"path": "page", "message": message}])
    return continuation
