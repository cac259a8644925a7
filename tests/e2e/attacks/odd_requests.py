"""Requests as nobody in order sends them, without a key: raw, over sockets, read to their end."""

import asyncio
import struct
import time
from dataclasses import dataclass
from socket import SO_LINGER, SOL_SOCKET

__all__ = ["KINDS", "Kind", "ended"]

HOST = b"Host: app.example\r\nConnection: close\r\n"
RESET = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Kind:
    """What is sent, and which statuses may come of it.

    0 stands for none: the caller hangs up, or what it still sends as the host closes resets the connection.
    """

    head: bytes
    statuses: frozenset[int]
    trickle: bytes = b""  # a piece of a body that never ends
    stays: float | None = None  # seconds, then the caller hangs up


def get(path: str, *headers: str) -> bytes:
    """A GET as it goes over the wire."""
    lines = [f"GET /api{path} HTTP/1.1", *headers]
    return "\r\n".join(lines).encode() + b"\r\n" + HOST + b"\r\n"


def post(*headers: str) -> bytes:
    """The head of a POST to an open path."""
    return get("/runs/x/answers/y", *headers).replace(b"GET", b"POST", 1)


def kind(head: bytes, *statuses: int, **more: object) -> Kind:
    """A kind of request."""
    return Kind(head, frozenset(statuses), **more)


KINDS: dict[str, Kind] = {
    "line feed": kind(get("/runs/a%0Ab"), 404),
    "line feeds": kind(get("/runs/%0A%0Aa%0A%0A"), 404),
    "carriage return": kind(get("/runs/a%0Db"), 404),
    "zero": kind(get("/runs/a%00b"), 400),
    "invalid UTF-8": kind(get("/runs/%FF%C0%AF"), 404),
    "encoded twice": kind(get("/runs/a%252F%250Ab%2Fc"), 404),
    "separators": kind(get("/runs/a%E2%80%A8%C2%85b"), 404),
    "long segment": kind(get("/runs/" + "a" * 4000), 404),
    "overlong": kind(get("/runs/" + "a" * 9000), 414),
    "110 headers": kind(get("/health", *("X-N: 1",) * 110), 431),
    "UTF-8 user agent": kind(get("/health", "User-Agent: Jürgen/1"), 500),
    "UTF-8 cookie": kind(get("/runs/x", "Cookie: n=é"), 500),
    "UTF-8 key": kind(get("/health", "Idempotency-Key: café"), 500),
    "own id": kind(get("/health", "x-ms-invocation-id: 7b1b8f0e-0000-4000-8000-000000000000"), 400),
    "empty id": kind(get("/runs/x", "x-ms-invocation-id:"), 400),
    "odd encodings": kind(get("/runs/x", "Accept-Encoding: zstd;q=2, \t,", "Content-Encoding: x"), 404),
    "no body": kind(post("Content-Length: 10000"), 500),
    "slow body": kind(post("Content-Length: 10000"), 500, 0, trickle=b"x"),
    "endless body": kind(post("Transfer-Encoding: chunked"), 500, 0, trickle=b"1\r\nx\r\n"),
    "hangs up at once": kind(get("/health"), 0, stays=0.0),
    "hangs up in 1 ms": kind(get("/runs/x"), 0, stays=0.001),
    "hangs up in 5 ms": kind(get("/runs/a%0Ab"), 0, stays=0.005),
    "hangs up in 15 ms": kind(get("/health"), 0, stays=0.015),
    "hangs up, UTF-8": kind(get("/health", "X-Note: é"), 0, stays=0.05),
    "hangs up, own id": kind(get("/health", "x-ms-invocation-id: mine"), 0, stays=0.05),
}


async def ended(address: tuple[str, int], odd: Kind) -> tuple[int, float]:
    """Send one and see it to its end; return status and seconds."""
    begin = time.monotonic()
    reader, writer = await asyncio.open_connection(*address)
    writer.write(odd.head)
    status = 0
    try:
        if odd.stays is None:
            status = await _status(reader, writer, odd.trickle)
        else:
            await asyncio.wait({asyncio.ensure_future(reader.read())}, timeout=odd.stays)
            writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, RESET)
    finally:
        writer.transport.abort()
    return status, time.monotonic() - begin


async def _status(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, trickle: bytes) -> int:
    reading = asyncio.ensure_future(reader.read())
    while not reading.done():
        await asyncio.wait({reading}, timeout=0.5)
        if trickle and not reading.done():
            writer.write(trickle)
    try:
        answer = reading.result()
    except ConnectionResetError:
        return 0
    return int(answer.split(b" ", 2)[1]) if answer else 0
