"""Signatures of callbacks: fixed vectors of Standard Webhooks, and the library that receivers use."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta, timezone

import pytest
from standardwebhooks import Webhook

from raincheck.adapters.webhooks.body import callback_body
from raincheck.adapters.webhooks.signatures import signed_headers

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # of the specification's own vectors
OLD = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
SENT = datetime(2021, 2, 25, 8, 24, 25, tzinfo=UTC)


def test_the_specifications_vector_is_met():
    """Every receiver's library computes exactly this."""
    headers = signed_headers(
        [SECRET], webhook_id="msg_p5jXN8AQM9LWM0D4loKWxJek", sent_at=datetime.fromtimestamp(1614265330, UTC),
        body=b'{"test": 2432232314}',
    )  # fmt: skip
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_rotating_secrets_sign_newest_first():
    """A receiver with either secret accepts, and signatures are separated by one space."""
    headers = signed_headers([SECRET, OLD], webhook_id="msg_1", sent_at=SENT, body="ü".encode())
    new, old = (
        hmac.new(base64.b64decode(secret[6:]), "msg_1.1614241465.ü".encode(), hashlib.sha256).digest()
        for secret in (SECRET, OLD)
    )
    expected = f"v1,{base64.b64encode(new).decode()} v1,{base64.b64encode(old).decode()}"
    assert headers["webhook-signature"] == expected


@pytest.mark.parametrize("secret", [SECRET, OLD])
def test_a_receivers_library_accepts_what_is_signed(secret):
    """Signed by us, verified by the library that receivers use."""
    body = callback_body("run.succeeded", timestamp=SENT, document={"result": "ü😀"})
    headers = signed_headers([SECRET, OLD], webhook_id="msg_1", sent_at=datetime.now(UTC), body=body)
    assert Webhook(secret).verify(body, headers)["data"] == {"result": "ü😀"}


def test_another_time_zone_is_the_same_moment():
    """The library takes any zone for UTC."""
    moved = SENT.astimezone(timezone(timedelta(hours=9)))
    assert signed_headers([SECRET], webhook_id="m", sent_at=moved, body=b"") == signed_headers(
        [SECRET], webhook_id="m", sent_at=SENT, body=b""
    )
