"""What the app needs to know of host.json: what comes before every route, and when the host cuts off."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from raincheck.errors import ConfigurationError

__all__ = ["function_timeout", "route_prefix"]

DEFAULT_TIMEOUT = timedelta(minutes=30)
_TIMEOUT = re.compile(r"(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})\Z")


def route_prefix(host_json: Path) -> str:
    """Return the prefix with a slash before it and none after it; empty where there is none."""
    prefix = str(_read(host_json).get("extensions", {}).get("http", {}).get("routePrefix", "api")).strip("/")
    return f"/{prefix}" if prefix else ""


def function_timeout(host_json: Path) -> timedelta:
    """Return the time after which the host ends a function, and with it the worker; `-1` means never.

    Raises:
        ConfigurationError: it is no time span.
    """
    text = str(_read(host_json).get("functionTimeout", ""))
    if not text:
        return DEFAULT_TIMEOUT
    if text.startswith("-"):
        return timedelta.max
    match = _TIMEOUT.match(text)
    if match is None:
        raise ConfigurationError(
            "functionTimeout in host.json is no time span of days.hours:minutes:seconds, e.g. 00:30:00"
        )
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def _read(host_json: Path) -> dict[str, Any]:
    try:
        host: dict[str, Any] = json.loads(host_json.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return host
