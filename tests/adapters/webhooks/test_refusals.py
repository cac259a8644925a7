"""The poster posts to nobody it must not: names, addresses, secrets, certificates."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from raincheck.adapters.webhooks import poster as posting
from raincheck.adapters.webhooks.addresses import AddressRefused, resolve
from raincheck.errors import RequestError
from raincheck.models import CallbackRequest
from raincheck.service.settings.webhook_secrets import WebhookSecret
from tests.adapters.webhooks.receivers import BODY, SECRET, post, poster, receiver, request_of


@pytest.mark.parametrize("url", ["https://example.com/", "http://10.0.0.1/", "http://127.0.0.1:9\\@a/"])
async def test_what_is_not_allowed_is_refused_before_the_run_and_at_the_post(url):
    """Settings may change between the two."""
    with pytest.raises(RequestError) as refused:
        poster().check(CallbackRequest(url=url))
    assert (refused.value.status, refused.value.errors[0]["path"]) == (422, "callback.url")
    attempt = await poster().post(CallbackRequest(url=url), webhook_id="m", body=BODY)
    assert (attempt.delivered, attempt.final) == (False, False)


SECRETS = {
    "default": WebhookSecret((SECRET,)),
    "partner": WebhookSecret((SECRET,), ("hooks.example.com", "localhost")),
}


@pytest.mark.parametrize("name", ["other", "partner"])
async def test_a_secret_of_others_is_refused_before_the_run_and_at_the_post(name):
    """Unsigned callbacks are never sent, nor any with a secret that isn't the receiver's; both read alike."""
    callback = CallbackRequest(url="http://127.0.0.1:9/", secret=name)
    webhooks = poster(secrets=SECRETS)
    with pytest.raises(RequestError) as refused:
        webhooks.check(callback)
    message = "No webhook secret of this name signs for the host of the callback URL."
    assert (refused.value.status, refused.value.code) == (422, "callback_refused")
    assert refused.value.errors == [{"path": "callback.secret", "message": message}]
    result = await webhooks.post(callback, webhook_id="m", body=BODY)
    assert (result.delivered, result.final) == (False, False)
    assert result.detail == "no webhook secret of this name signs for this host any more"


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
    webhooks = poster(hosts=["*"], secrets={"default": WebhookSecret((SECRET,), ("*",))}, development=False)
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
    named: list[str] = []
    looked_up: list[str] = []
    server_context.sni_callback = lambda _socket, sni, _context: asked.append(sni)

    async def once(host, port, *, loopback):
        looked_up.append(host)
        return [ip_address("127.0.0.1")]

    async def handler(reader, writer):
        head, _ = await request_of(reader)
        named.extend(line for line in head if line.startswith("Host"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    monkeypatch.setattr(posting, "resolve", once)
    async with receiver(handler, ssl=server_context) as port:
        hosts = (f"hooks.example.com:{port}",)
        webhooks = poster(
            hosts=hosts,
            secrets={"default": WebhookSecret((SECRET,), hosts)},
            development=False,
            ssl_context=client_context,
        )
        attempt = await webhooks.post(
            CallbackRequest(url=f"https://hooks.example.com:{port}/"), webhook_id="m", body=BODY
        )
    assert attempt.delivered is delivered
    assert asked == ["hooks.example.com"]
    assert named == ([f"Host: hooks.example.com:{port}"] if delivered else [])
    assert looked_up == ["hooks.example.com"]


async def test_nothing_secret_is_in_what_is_shown():
    """Details stay in tables and logs for a month."""
    webhooks = poster()
    attempts = [await post(1, webhooks), await post(1, poster(secrets={}))]
    shown = repr(attempts) + repr(webhooks)
    assert "s3cret" not in shown
    assert SECRET not in shown
