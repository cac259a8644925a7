"""Callbacks on the wire: fixed vectors of Standard Webhooks, bodies and their limit."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from standardwebhooks import Webhook

from raincheck.service.webhooks import MAX_BODY, callback_body, signed_headers, webhook_id

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # of the specification's own vectors
OLD = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
SENT = datetime(2021, 2, 25, 8, 24, 25, tzinfo=UTC)
RUN_ID = "20261121-0123456789abcdef0123456789abcdef"


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


def test_a_body_has_type_timestamp_and_data():
    """The wire format, byte by byte."""
    body = callback_body("run.failed", timestamp=SENT, document={"id": RUN_ID, "error": {"code": "c"}})
    assert body == (
        b'{"type":"run.failed","timestamp":"2021-02-25T08:24:25.000Z",'
        b'"data":{"id":"20261121-0123456789abcdef0123456789abcdef","error":{"code":"c"}}}'
    )


def test_a_result_too_large_is_left_out_and_all_else_stays():
    """Receivers have limits; the status URL has the result."""
    document = {"id": RUN_ID, "result": "x" * MAX_BODY, "status_url": "https://a/b"}
    body = json.loads(callback_body("run.succeeded", timestamp=SENT, document=document))
    assert body["data"] == {"id": RUN_ID, "result": None, "status_url": "https://a/b"}


def test_a_result_at_the_limit_is_sent():
    """The limit counts the bytes of the body, not characters of the result."""
    empty = len(callback_body("run.succeeded", timestamp=SENT, document={"result": ""}))
    fits = callback_body(
        "run.succeeded", timestamp=SENT, document={"result": "é" * ((MAX_BODY - empty) // 2)}
    )
    assert json.loads(fits)["data"]["result"] is not None
    assert len(fits) <= MAX_BODY


def test_half_a_surrogate_pair_is_sent_as_its_escape():
    """A result may hold what a model cut in two; the body must still be UTF-8."""
    body = callback_body("run.succeeded", timestamp=SENT, document={"result": "\ud83d"})
    assert json.loads(body)["data"]["result"] == "\ud83d"


def test_ids_tell_events_and_questions_apart():
    """Receivers drop what has an id they have seen."""
    ids = {webhook_id(RUN_ID, "run.succeeded"), webhook_id(RUN_ID, "run.input_required", "1")}
    ids |= {webhook_id(RUN_ID, "run.input_required", "2")}
    assert ids == {
        f"msg_{RUN_ID}_run.succeeded",
        f"msg_{RUN_ID}_run.input_required_1",
        f"msg_{RUN_ID}_run.input_required_2",
    }
