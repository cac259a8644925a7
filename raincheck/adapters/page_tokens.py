"""Where a page of a table ended, as an opaque text that callers bring back."""

import base64
import binascii
import json
from typing import Any

from raincheck.errors import RequestError

__all__ = ["continuation", "continuation_text"]


def continuation_text(continuation: dict[str, Any] | None) -> str | None:
    """Return the text for what the SDK says, None for the end."""
    if not continuation:
        return None
    return base64.urlsafe_b64encode(json.dumps(continuation).encode()).decode().rstrip("=")


def continuation(text: str | None) -> dict[str, Any] | None:
    """Read what `continuation_text` gave.

    Raises:
        RequestError: 422; it is something else.
    """
    if not text:
        return None
    try:
        value = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        value = None
    if not isinstance(value, dict) or not all(isinstance(one, str | None) for one in value.values()):
        message = "page is not where another page ended."
        raise RequestError(422, "invalid_request", message, errors=[{"path": "page", "message": message}])
    return value
