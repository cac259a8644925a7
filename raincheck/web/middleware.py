"""What holds for every answer: nothing is cached, nothing leaks, HEAD has no body, no bug shows its stack."""

import logging
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders

from raincheck.service.tokens import masked
from raincheck.web.problem_responses import answer, internal_error

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Middleware"]

_LOG = logging.getLogger(__name__)
_HEADERS = {
    "Cache-Control": "no-store",  # answers hold tokens, and what they open changes
    "Referrer-Policy": "no-referrer",  # so do paths
    "X-Content-Type-Options": "nosniff",
}


class Middleware:
    """ASGI middleware around a whole app."""

    def __init__(self, app: "ASGIApp") -> None:
        self._app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def dressed(message: "Message") -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            elif message["type"] == "http.response.body" and scope["method"] == "HEAD":
                message = {**message, "body": b""}
            await send(message)

        try:
            await self._app(scope, receive, dressed)
        except Exception:
            _LOG.exception("%s %s failed", scope["method"], masked(scope["path"]))
            if started:
                raise  # the connection must break: an answer that just stops would look whole
            await answer(internal_error())(scope, receive, dressed)
