"""A small HTTP/1.1 client for the workers' own servers: h11 over asyncio streams, connections kept open."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import h11

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_SILENCE_SECONDS = 240.0
_SILENT = "the worker's server was silent for 240 s"
_READ_BYTES = 262_144
_KEPT = 100
_SERVER_ERROR = 500


class UpstreamLost(ConnectionError):  # what happened
    """The worker's server went away, broke off or was silent for 240 s."""


class Connection:
    """One connection; `reusable` once an answer has been read to its end."""

    def __init__(self, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.port = port
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.CLIENT)
        self._failed = False

    @property
    def usable(self) -> bool:
        """Whether the other side still holds it open."""
        return not (self._reader.at_eof() or self._writer.is_closing())

    async def request(self, head: h11.Request, body: bytes) -> None:
        """Send a request. Raises UpstreamLost."""
        out = (self._http.send(head) or b"") + (self._http.send(h11.Data(body)) or b"" if body else b"")
        try:
            self._writer.write(out + (self._http.send(h11.EndOfMessage()) or b""))
            await self._writer.drain()
        except (OSError, h11.RemoteProtocolError) as error:
            raise UpstreamLost(str(error)) from None

    async def response(self) -> h11.Response:
        """Read the head of the answer. Raises UpstreamLost."""
        try:
            while not isinstance(event := await self._event(), h11.Response):
                pass
        except (OSError, h11.RemoteProtocolError) as error:
            raise UpstreamLost(str(error) or _SILENT) from None
        self._failed = event.status_code >= _SERVER_ERROR
        return event

    async def chunks(self) -> AsyncIterator[bytes]:
        """Return the body as it arrives. Raises UpstreamLost."""
        try:
            while not isinstance(event := await self._event(), h11.EndOfMessage):
                if isinstance(event, h11.Data):
                    yield bytes(event.data)
        except (OSError, h11.RemoteProtocolError) as error:
            raise UpstreamLost(str(error)) from None

    def ended(self) -> bool:
        """Build ready for the next request; False if there can't be one. After an error uvicorn closes it."""
        if self._failed or self._http.states != {h11.CLIENT: h11.DONE, h11.SERVER: h11.DONE}:
            return False
        self._http.start_next_cycle()
        return self.usable

    def abort(self) -> None:
        """Break the connection: whoever streams to it hears of it at once."""
        self._writer.transport.abort()

    async def _event(self) -> Any:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            async with asyncio.timeout(_SILENCE_SECONDS):
                self._http.receive_data(await self._reader.read(_READ_BYTES))
        if isinstance(event, h11.ConnectionClosed):
            raise UpstreamLost("closed")
        return event


class Upstream:
    """Idle connections by port."""

    def __init__(self) -> None:
        self._idle: list[Connection] = []

    async def connection(self, port: int) -> Connection:
        """Return an idle connection or a new one. Raises UpstreamLost."""
        for at in range(len(self._idle) - 1, -1, -1):
            if self._idle[at].port == port:
                idle = self._idle.pop(at)
                if idle.usable:
                    return idle
                idle.abort()
        try:
            return Connection(port, *await asyncio.open_connection("127.0.0.1", port))
        except OSError as error:
            raise UpstreamLost(str(error)) from None

    def give_back(self, connection: Connection) -> None:
        """Keep a connection for the next request, or close it; those to workers that are gone are dropped."""
        self._idle = [each for each in self._idle if each.usable]
        if connection.ended() and len(self._idle) < _KEPT:
            self._idle.append(connection)
        else:
            connection.abort()

    def close(self) -> None:
        """Close all idle connections."""
        for each in self._idle:
            each.abort()
        self._idle = []
