"""The poster against hostile receivers on loopback, and against names that lead elsewhere."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from standardwebhooks import Webhook

import adapters.webhooks
from adapters.addresses import AddressRefused, resolve
from adapters.webhooks import HttpWebhooks
from raincheck.errors import RequestError
from raincheck.models import CallbackRequest

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = '{"type":"run.succeeded","data":"ü"}'.encode()
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def poster(**options: object) -> HttpWebhooks:
    given = {"hosts": [], "secrets": {"default": (SECRET,)}, "development": True, "total_limit": 1.0}
    return HttpWebhooks(clock=lambda: datetime.now(UTC), **(given | options))


@asynccontextmanager
async def receiver(handler: Handler, **options: object) -> AsyncIterator[int]:
    """Run a receiver on loopback; give its port. Whatever is left open is closed at the end."""
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        try:
            await handler(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, **options)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()
        await asyncio.sleep(0)


async def request_of(reader: asyncio.StreamReader) -> tuple[list[str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    length = next(int(line.split(":")[1]) for line in head if line.lower().startswith("content-length"))
    return head, await reader.readexactly(length)


def answering(answer: bytes) -> Handler:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(answer)
        await writer.drain()

    return handler


async def post(port: int, webhooks: HttpWebhooks | None = None, path: str = "/hook?sig=s3cret"):
    callback = CallbackRequest(url=f"http://127.0.0.1:{port}{path}")
    return await (webhooks or poster()).post(callback, webhook_id="msg_1", body=BODY)


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
        ("9" * 5000, None, None),
        ((datetime.now(UTC) + timedelta(hours=1)).strftime("%a, %d %b %Y %H:%M:%S GMT"), 3_000, 3_600),
    ],
)
async def test_retry_after_is_read_in_seconds_or_as_a_date_and_capped(value, low, high):
    """A receiver may ask for time, but not for ever, and not with nonsense."""
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


@pytest.mark.parametrize("url", ["https://example.com/", "http://10.0.0.1/", "http://127.0.0.1:9\\@a/"])
async def test_what_is_not_allowed_is_refused_before_the_run_and_at_the_post(url):
    """Settings may change between the two."""
    with pytest.raises(RequestError) as refused:
        poster().check(CallbackRequest(url=url))
    assert (refused.value.status, refused.value.errors[0]["path"]) == (422, "callback.url")
    attempt = await poster().post(CallbackRequest(url=url), webhook_id="m", body=BODY)
    assert (attempt.delivered, attempt.final) == (False, False)


async def test_an_unknown_secret_is_refused_before_the_run_and_at_the_post():
    """Unsigned callbacks are never sent."""
    callback = CallbackRequest(url="http://127.0.0.1:9/", secret="other")
    with pytest.raises(RequestError) as refused:
        poster().check(callback)
    assert refused.value.errors[0]["path"] == "callback.secret"
    assert not (await poster().post(callback, webhook_id="m", body=BODY)).delivered


async def test_a_callback_that_may_be_posted_passes_the_check():
    """The check is not a wall."""
    poster().check(CallbackRequest(url="http://127.0.0.1:9/hook"))


@pytest.mark.parametrize(
    "bad", ["127.0.0.1", "169.254.169.254", "10.0.0.1", "::1", "::ffff:9.9.9.9", "fe80::1%2"]
)
async def test_a_name_with_one_bad_address_is_refused(monkeypatch, bad):
    """A name may have a public address for the check and another one for the connection."""
    found = [(2, 1, 6, "", ("9.9.9.9", 443)), (10, 1, 6, "", (bad, 443, 0, 0))]

    async def getaddrinfo(*given, **options):
        return found

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    with pytest.raises(AddressRefused):
        await resolve("hooks.example.com", 443, loopback=False)


async def test_an_internal_name_is_not_posted_to():
    """`localhost` behind a pattern that allows every name is still this machine."""
    webhooks = poster(hosts=["*"], development=False)
    attempt = await webhooks.post(CallbackRequest(url="https://ip6-localhost/"), webhook_id="m", body=BODY)
    assert not attempt.delivered
    assert attempt.status is None


def certificate(name: str, folder) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Make a server's context with a certificate for `name`, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "receiver.pem"
    pem.write_bytes(
        signed.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cafile=pem)


@pytest.mark.parametrize(("name", "delivered"), [("hooks.example.com", True), ("other.example.com", False)])
async def test_tls_checks_the_name_although_the_connection_goes_to_an_address(
    monkeypatch, tmp_path, name, delivered
):
    """SNI, certificate and Host are the name's; the address is the one that was screened, looked up once."""
    server_context, client_context = certificate(name, tmp_path)
    asked: list[str | None] = []
    hosts: list[str] = []
    looked_up: list[str] = []
    server_context.sni_callback = lambda _socket, sni, _context: asked.append(sni)

    async def once(host, port, *, loopback):
        looked_up.append(host)
        return [ip_address("127.0.0.1")]

    async def handler(reader, writer):
        head, _ = await request_of(reader)
        hosts.extend(line for line in head if line.startswith("Host"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    monkeypatch.setattr(adapters.webhooks, "resolve", once)
    async with receiver(handler, ssl=server_context) as port:
        webhooks = poster(hosts=[f"hooks.example.com:{port}"], development=False, ssl_context=client_context)
        attempt = await webhooks.post(
            CallbackRequest(url=f"https://hooks.example.com:{port}/"), webhook_id="m", body=BODY
        )
    assert attempt.delivered is delivered
    assert asked == ["hooks.example.com"]
    assert hosts == ([f"Host: hooks.example.com:{port}"] if delivered else [])
    assert looked_up == ["hooks.example.com"]


async def test_nothing_secret_is_in_what_is_shown():
    """Details stay in tables and logs for a month."""
    webhooks = poster()
    attempts = [await post(1, webhooks), await post(1, poster(secrets={}))]
    shown = repr(attempts) + repr(webhooks)
    assert "s3cret" not in shown
    assert SECRET not in shown
