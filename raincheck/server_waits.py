"""How long a server asks to be left alone: the one reader of `Retry-After`."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

__all__ = ["header_of", "seconds_of", "wait_of"]

_NUMBER = re.compile(r"\d+(?:\.\d*)?\Z", re.ASCII)
_MILLISECONDS = (
    "retry-after-ms",
    "x-ms-retry-after-ms",
)  # Azure's, which is finer and comes beside the other


def seconds_of(text: str, now: datetime) -> float | None:
    """Return the seconds of a `Retry-After`, a number or a date (RFC 9110); None where it says nothing.

    A fraction, as some services send it, is taken too; a date that is over is 0.
    """
    text = text.strip()
    if _NUMBER.match(text):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:  # "-0000": UTC, from somewhere unknown
            moment = moment.replace(tzinfo=UTC)
        return max(0.0, (moment - now).total_seconds())
    except (TypeError, ValueError, OverflowError, IndexError):
        return None


def wait_of(headers: Any, now: datetime) -> float | None:
    """Return the seconds that an answer's headers ask for, whatever holds them; None where they don't."""
    for name in _MILLISECONDS:
        text = header_of(headers, name).strip()
        if _NUMBER.match(text):
            return float(text) / 1000
    return seconds_of(header_of(headers, "retry-after"), now)


def header_of(headers: Any, name: str) -> str:
    """Return a header's text, whatever the case of its name; empty where there is none."""
    try:
        get: Callable[[str], Any] = headers.get
        value = get(name)
        if value is None:
            value = next((each for key, each in headers.items() if str(key).lower() == name), None)
    except Exception:  # noqa: BLE001 - the headers are anybody's, fakes of tests included
        return ""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return "" if value is None else str(value)
