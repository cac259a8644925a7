"""The poster against hostile receivers on loopback, and against names that lead elsewhere."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from tests.adapters.webhooks.receivers import BODY, SECRET, answering, post, poster, receiver, request_of


async def test_a_receiver_gets_a_body_that_its_library_verifies():
    """The whole way once: connection, headers, signature, body."""
    seen: list[tuple[list[str], bytes]] = []

    async def handler(reader, writer):
        seen.append(await request_of(reader))
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    async with receiver(handler) as port:
        attempt = await post(port)
    assert (attempt.delivered, attempt.final, attempt.status) == (True, True, 204)
    head, body = seen[0]
    assert head[0] == "POST /hook?sig=s3cret HTTP/1.1"
    headers = dict(line.split(": ", 1) for line in head[1:] if line)
    assert headers["Host"] == f"127.0.0.1:{port}"
    assert body == BODY
    assert Webhook(SECRET).verify(body, headers)["type"] == "run.succeeded"


@pytest.mark.parametrize(
    ("answer", "final"),
    [
        ("301 Moved", False),
        ("400 Bad", False),
        ("404 Not Found", False),
        ("410 Gone", True),
        ("500 Oops", False),
    ],
)
async def test_what_a_failing_status_means(answer, final):
    """Everything is tried again but 410, by which a receiver says that it wants no more."""
    async with receiver(answering(f"HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n".encode())) as port:
        attempt = await post(port)
    assert (attempt.delivered, attempt.final, attempt.status) == (False, final, int(answer[:3]))


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [
        ("7", 7, 7),
        ("99999999", 86_400, 86_400),
        ("0", 0, 0),
        ("-1", None, None),
        ("soon", None, None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0),
        ("1e9", None, None),
        ("9" * 5000, 86_400, 86_400),
        ("30.5", 30.5, 30.5),
        ("an hour from now", 3_000, 3_600),
    ],
)
async def test_retry_after_is_read_in_seconds_or_as_a_date_and_capped(value, low, high):
    """A receiver may ask for time, but not for ever, and not with nonsense."""
    if value == "an hour from now":  # from now on, not from when the tests were collected
        value = (datetime.now(UTC) + timedelta(hours=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    answer = f"HTTP/1.1 503 Busy\r\nRetry-After: {value}\r\nContent-Length: 0\r\n\r\n"
    async with receiver(answering(answer.encode())) as port:
        attempt = await post(port)
    assert (attempt.retry_after is None) if low is None else (low <= attempt.retry_after <= high)


async def test_a_redirect_is_not_followed():
    """It would lead around every check of the URL."""
    asked = 0

    async def handler(reader, writer):
        nonlocal asked
        asked += 1
        await request_of(reader)
        writer.write(b"HTTP/1.1 307 T\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n")

    async with receiver(handler) as port:
        attempt = await post(port)
    assert (attempt.delivered, attempt.status, asked) == (False, 307, 1)


async def slow_headers(reader, writer):
    while True:
        writer.write(b"H")
        await writer.drain()
        await asyncio.sleep(0.05)


async def endless_informational(reader, writer):
    await request_of(reader)
    while True:
        writer.write(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 50)
        await writer.drain()
        await asyncio.sleep(0.005)


async def silent(reader, writer):
    await asyncio.sleep(60)


async def reset(reader, writer):
    writer.transport.abort()


async def endless_header(reader, writer):
    await request_of(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        writer.write(b"x" * 65_536)
        await writer.drain()


@pytest.mark.parametrize(
    "handler",
    [
        slow_headers,
        silent,
        reset,
        endless_header,
        endless_informational,
        answering(b"\x00\xff" * 999),
        answering(b"SSH-2.0-OpenSSH_9.9\r\n"),
        answering(b""),
        answering(b"HTTP/1.1 999999 ?\r\n\r\n"),
    ],
)
async def test_a_receiver_that_never_answers_properly_is_a_failed_attempt_in_time(handler):
    """Nothing that a receiver does may hold the worker or raise."""
    started = time.monotonic()
    async with receiver(handler) as port:
        attempt = await post(port)
    assert (attempt.delivered, attempt.final, attempt.status) == (False, False, None)
    assert time.monotonic() - started < 10


async def slow_body(reader, writer):
    await request_of(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.05)


async def endless_body(reader, writer):
    await request_of(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + b"x" * 65_536 + b"\r\n")
        await writer.drain()


@pytest.mark.parametrize("handler", [slow_body, endless_body])
async def test_a_status_counts_whatever_its_body_does(handler):
    """The receiver took it: a slow or endless body must neither hold us nor make us send it again."""
    started = time.monotonic()
    async with receiver(handler) as port:
        attempt = await post(port, poster(total_limit=3.0))
    assert attempt.delivered
    assert time.monotonic() - started < 10


async def test_nothing_listens():
    """A receiver that is down is tried again."""
    attempt = await post(1)
    assert (attempt.delivered, attempt.final, attempt.status) == (False, False, None)


async def test_proxies_of_the_environment_are_not_used(monkeypatch):
    """A proxy would resolve the name again, and see the body."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with receiver(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) as port:
        assert (await post(port)).delivered
