"""One log line per request, with what may be a secret cut off."""

from __future__ import annotations

import logging
import re
from typing import Any

_log = logging.getLogger("devhost.http")
_LONG_SEGMENT = 40
_KEPT = 8


def shown_target(raw_path: bytes, query: bytes) -> str:
    """Give path and query for a log: query values are left out, long path parts (tokens) cut."""
    parts = raw_path.decode("latin-1").split("/")
    path = "/".join(each if len(each) <= _LONG_SEGMENT else each[:_KEPT] + "…" for each in parts)
    names = [each.partition("=")[0] for each in query.decode("latin-1").split("&") if each]
    shown = re.sub(
        r"[\x00-\x1f\x7f]", "?", path + ("?" + "&".join(f"{name}=…" for name in names) if names else "")
    )
    return shown[:300]


class RequestLog:
    """Stands before ASGI's `send`: notes the status, and writes the line when the request is done."""

    def __init__(self, scope: Any, send: Any) -> None:
        self._scope = scope
        self._send = send
        self.status = 0
        self.function = ""
        self.invocation = ""

    async def __call__(self, message: Any) -> None:
        """Send an ASGI message."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)

    def write(self, seconds: float) -> None:
        """Write the line."""
        who = f" [{self.function} {self.invocation[:8]}]" if self.function else ""
        target = shown_target(self._scope["raw_path"], self._scope["query_string"])
        _log.info(
            "%s %s -> %s in %.0f ms%s",
            self._scope["method"],
            target,
            self.status or "gone",
            seconds * 1000,
            who,
        )
