"""What the app needs to know of host.json: what comes before every route, and when the host cuts off."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from raincheck.errors import ConfigurationError

__all__ = ["function_timeout", "route_prefix"]

DEFAULT_TIMEOUT = timedelta(minutes=30)
_TIMEOUT = re.compile(r"(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})(\.\d{1,7})?\Z")
# The host's reader takes comments and trailing commas. Strings come first, so that nothing in them is one.
_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_COMMA = re.compile(r'("(?:\\.|[^"\\])*")|,(?=\s*[}\]])')


def route_prefix(host_json: Path) -> str:
    """Return the prefix with a slash before it and none after it; empty where there is none."""
    set_prefix = _part(_part(_read(host_json), "extensions"), "http").get("routePrefix")
    prefix = "api" if set_prefix is None else str(set_prefix).strip("/")
    return f"/{prefix}" if prefix else ""


def function_timeout(host_json: Path) -> timedelta:
    """Return the time after which the host ends a function, and with it the worker; `-1` means never.

    Raises:
        ConfigurationError: it is no time span.
    """
    text = str(_read(host_json).get("functionTimeout") or "")
    if not text:
        return DEFAULT_TIMEOUT
    if text.startswith("-"):
        return timedelta.max
    match = _TIMEOUT.match(text)
    if match is None:
        raise ConfigurationError(
            "functionTimeout in host.json is no time span of days.hours:minutes:seconds, e.g. 00:30:00"
        )
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[:4])
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds + float(match[5] or 0))


def _read(host_json: Path) -> dict[str, Any]:
    try:
        text = host_json.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError:
        raise ConfigurationError("host.json is no UTF-8 text. Save it as UTF-8") from None
    try:
        host = json.loads(_COMMA.sub(_string, _COMMENT.sub(_string, text)))
    except ValueError as error:
        raise ConfigurationError(f"host.json is no JSON: {error}") from None
    if not isinstance(host, dict):
        raise ConfigurationError("host.json has to hold an object")
    return host


def _string(match: re.Match[str]) -> str:
    """Keep a string, and take out what isn't one."""
    return match[1] or " "


def _part(of: Any, name: str) -> dict[str, Any]:
    part = of.get(name)
    return part if isinstance(part, dict) else {}
