"""One request and its answer: reads the body, answers, and logs a line with what may be a secret cut off."""

from __future__ import annotations

import asyncio
import logging
import re
import time
import uuid
from email.utils import formatdate
from typing import Any

_log = logging.getLogger("raincheck_devhost.http")
_LONG_SEGMENT = 40
_KEPT = 8
_LARGEST_BODY = 104_857_600
_GRACE_SECONDS, _SLOWEST = 5.0, 240  # a body comes at so many bytes a second once the grace is over


class TooLarge(Exception):  # what the request is
    """The body is larger than the host takes (100 MB)."""


class TooSlow(Exception):  # what the caller is
    """The body comes more slowly than the host bears."""


class Left(Exception):  # what the caller has done
    """The caller hung up within the body."""


def shown_target(raw_path: bytes, query: bytes) -> str:
    """Return path and query for a log: query values are left out, long path parts (tokens) cut."""
    parts = raw_path.decode("latin-1").split("/")
    path = "/".join(each if len(each) <= _LONG_SEGMENT else each[:_KEPT] + "…" for each in parts)
    names = [each.partition("=")[0] for each in query.decode("latin-1").split("&") if each]
    shown = path + ("?" + "&".join(f"{name}=…" for name in names) if names else "")
    return re.sub(r"[\x00-\x1f\x7f]", "?", shown)[:300]


class Exchange:
    """A request (ASGI scope and receive) and the way to answer it. `status` is 0 until the answer begins."""

    def __init__(self, scope: Any, receive: Any, send: Any, headers: dict[str, str]) -> None:
        self.scope = scope
        self.receive = receive
        self.method: str = scope["method"]
        self.status = 0
        self.function = ""
        self.invocation = ""
        self.forwarded = False  # whether the worker's server has got the request
        self._send = send
        self._headers = list(headers.items())
        self._began = time.perf_counter()

    def name(self, function: str) -> None:
        """Note the function and make the id of its invocation."""
        self.function, self.invocation = function, str(uuid.uuid4())

    async def send(self, message: Any) -> None:
        """Send an ASGI message; host.json's customHeaders are added to every answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            extra = [(name.lower().encode(), value.encode()) for name, value in self._headers]
            message = {**message, "headers": [*message["headers"], *extra]}
        await self._send(message)

    async def end(self) -> None:
        """End an answer that was sent piece by piece."""
        await self.send({"type": "http.response.body", "body": b""})

    async def respond(
        self,
        status: int,
        headers: list[tuple[str, str]] | None = None,
        body: bytes = b"",
        *,
        chunked: bool = False,
    ) -> None:
        """Answer at once and whole."""
        fields = [*(headers or []), ("server", "devhost"), ("date", formatdate(usegmt=True))]
        if not chunked and (body or self.method != "HEAD"):
            fields.append(("content-length", str(len(body))))
        encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in fields]
        await self.send({"type": "http.response.start", "status": status, "headers": encoded})
        await self.send({"type": "http.response.body", "body": body})

    async def body(self) -> bytes:
        """Read the whole body, as the host does before it calls a function.

        Raises TooLarge, TooSlow, Left.
        """
        declared = next((value for name, value in self.scope["headers"] if name == b"content-length"), b"0")
        if int(declared or 0) > _LARGEST_BODY:
            raise TooLarge
        chunks: list[bytes] = []
        size, more = 0, True
        began = asyncio.get_running_loop().time()
        while more:
            message = await self._piece(began + max(_GRACE_SECONDS, size / _SLOWEST))
            if message["type"] == "http.disconnect":
                raise Left
            chunks.append(message.get("body", b""))
            more = bool(message.get("more_body"))
            size += len(chunks[-1])
            if size > _LARGEST_BODY:
                raise TooLarge
        return b"".join(chunks)

    async def _piece(self, limit: float) -> Any:
        try:
            async with asyncio.timeout_at(limit):
                return await self.receive()
        except TimeoutError:
            raise TooSlow from None

    def log(self) -> None:
        """Write the request's line."""
        who = f" [{self.function} {self.invocation[:8]}]" if self.function else ""
        target = shown_target(self.scope["raw_path"], self.scope["query_string"])
        spent = (time.perf_counter() - self._began) * 1000
        _log.info("%s %s -> %s in %.0f ms%s", self.method, target, self.status or "gone", spent, who)
