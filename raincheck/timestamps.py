"""Times as we tell them: in event logs, events and callbacks."""

from datetime import UTC, datetime

__all__ = ["rfc3339"]


def rfc3339(time: datetime) -> str:
    """Return an aware time in UTC, with milliseconds: `2026-11-21T12:00:00.000Z`."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
