"""What Kestrel refuses before the host sees it; sizes are its defaults."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["refusal"]

_BAD_REQUEST, _URI_TOO_LONG, _HEAD_TOO_LARGE = 400, 414, 431
_LONGEST_LINE = 8192
_MOST_HEADERS = 100
_LARGEST_HEAD = 32_768
_LINE_REST = len(b"  HTTP/1.1\r\n")
_HEADER_REST = len(b": \r\n")
_ZERO = re.compile(rb"%00")


def refusal(scope: Any) -> int | None:
    """Return the status that a request (ASGI scope) is refused with, None for one that may pass."""
    path, query, headers = scope["raw_path"], scope["query_string"], scope["headers"]
    line = len(scope["method"]) + len(path) + (1 + len(query) if query else 0) + _LINE_REST
    if line > _LONGEST_LINE:
        return _URI_TOO_LONG
    size = sum(len(name) + len(value) + _HEADER_REST for name, value in headers)
    if len(headers) > _MOST_HEADERS or size > _LARGEST_HEAD:
        return _HEAD_TOO_LARGE
    bad = not path.startswith(b"/") or _ZERO.search(path) or not all(_is_utf8(value) for _, value in headers)
    return _BAD_REQUEST if bad else None


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True
