"""Time as the extension writes it: UTC, no trailing zeros in the fraction, `Z`."""

from __future__ import annotations

from datetime import UTC, datetime


def written(moment: datetime) -> str:
    """Write `2026-11-21T12:56:26.325329Z`; a fraction of zero is left out."""
    return _trimmed(moment) + "Z"


def with_offset(text: str) -> str:
    """Write a stored timestamp as the management API's ScheduledTime has it: `+00:00` for `Z`."""
    return text.removesuffix("Z") + "+00:00"


def whole_seconds(text: str) -> str:
    """Cut a stored timestamp to `2026-11-21T12:56:26Z`, as the status document has it."""
    return text.removesuffix("Z").partition(".")[0] + "Z"


def parsed(text: str) -> datetime:
    """Read a timestamp with or without fraction and offset; without an offset it is UTC.

    Raises ValueError if it is none.
    """
    head, dot, tail = text.replace("Z", "+00:00").partition(".")
    if dot:
        digits = len(tail) - len(tail.lstrip("0123456789"))
        head = f"{head}.{tail[:digits][:6].ljust(6, '0')}{tail[digits:]}"
    moment = datetime.fromisoformat(head)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _trimmed(moment: datetime) -> str:
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat()
    return text.rstrip("0").rstrip(".") if "." in text else text
