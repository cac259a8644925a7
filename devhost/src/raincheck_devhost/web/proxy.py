"""HTTP functions in http-fastapi style: the request goes to the worker's server, the answer streams back.

As on Azure the request body is read whole first; the answer is passed on chunk by chunk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import h11

from raincheck_devhost.routes import decode_path
from raincheck_devhost.web.upstream import Upstream, UpstreamLost
from raincheck_devhost.worker import INVOCATION_HEADER

if TYPE_CHECKING:
    from raincheck_devhost.web.exchange import Exchange

_HOP_BY_HOP = {
    b"connection",
    b"keep-alive",
    b"transfer-encoding",
    b"upgrade",
    b"te",
    b"trailer",
    b"proxy-connection",
}
_REPLACED = {b"host", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"content-length"}
_SAFE = "/!$&'()*+,;=:@~-._"


class NotForwarded(UpstreamLost):  # what happened
    """The request can't be forwarded; the text says why."""


class Proxy:
    """Passes requests on to the worker's server."""

    def __init__(self) -> None:
        self._upstream = Upstream()

    async def forward(self, exchange: Exchange, body: bytes, port: int) -> None:
        """Send the request on and stream the answer back.

        The answer has no end yet: that is the exchange's. Raises UpstreamLost: before the answer has begun
        the caller may still answer itself.
        """
        odd = {name.decode() for name, value in exchange.scope["headers"] if not value.isascii()}
        if odd:
            raise NotForwarded(f"a header isn't ASCII ({', '.join(sorted(odd))}), so it can't be forwarded")
        connection = await self._upstream.connection(port)
        try:
            head = h11.Request(
                method=exchange.method,
                target=_target(exchange.scope),
                headers=_headers(exchange.scope, body, port, exchange.invocation),
            )
            await connection.request(head, body)
            exchange.forwarded = True
            response = await connection.response()
            headers = [each for each in response.headers if each[0] not in _HOP_BY_HOP]
            start = {"type": "http.response.start", "status": response.status_code, "headers": headers}
            await exchange.send(start)
            async for chunk in connection.chunks():
                await exchange.send({"type": "http.response.body", "body": chunk, "more_body": True})
        except BaseException:
            connection.abort()
            raise
        self._upstream.give_back(connection)

    def close(self) -> None:
        """Close idle connections."""
        self._upstream.close()


def _target(scope: Any) -> bytes:
    path = quote(decode_path(scope["raw_path"]), safe=_SAFE)
    query = scope["query_string"]
    return path.encode() + (b"?" + query if query else b"")


def _headers(scope: Any, body: bytes, port: int, invocation: str) -> list[tuple[bytes, bytes]]:
    incoming = dict(scope["headers"])
    client = scope["client"][0] if scope.get("client") else "127.0.0.1"
    headers = [(b"host", f"127.0.0.1:{port}".encode())]
    headers += [each for each in scope["headers"] if each[0] not in _REPLACED | _HOP_BY_HOP]
    if INVOCATION_HEADER not in incoming:  # a caller's own stays, as on Azure
        headers.append((INVOCATION_HEADER, invocation.encode()))
    headers += [
        (b"x-forwarded-for", client.encode()),
        (b"x-forwarded-host", incoming.get(b"host", b"")),
        (b"x-forwarded-proto", scope["scheme"].encode()),
    ]
    if body or b"content-length" in incoming:
        headers.append((b"content-length", str(len(body)).encode()))
    return headers
