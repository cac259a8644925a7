"""Opaque texts that callers bring back, such as positions and page tokens: JSON in URL-safe base64."""

import base64
import json
from typing import Any

__all__ = ["decode", "encode"]


def encode(value: Any) -> str:
    """Return the text of a JSON-ready value."""
    raw = json.dumps(value, separators=(",", ":"))
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def decode(text: str) -> Any:
    """Read what `encode` gave. The text may be anybody's: check what comes out.

    Raises:
        ValueError: it is no JSON in base64.
    """
    try:
        return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, RecursionError) as error:
        raise ValueError("not an opaque text of ours") from error
