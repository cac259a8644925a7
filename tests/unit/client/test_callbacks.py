"""Callbacks as they come in."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from raincheck.client import NotGenuine, verify_callback
from tests.unit.client.fake_app import document

OLD, NEW = (f"whsec_{base64.b64encode(bytes([n]) * 32).decode()}" for n in (1, 2))
BODY = json.dumps(
    {"type": "run.succeeded", "timestamp": "2030-01-01T00:00:00Z", "data": document("Succeeded")}
).encode()


def signed(secret: str = OLD, *, age: float = 0, body: bytes = BODY) -> dict[str, str]:
    at = datetime.now(UTC) - timedelta(seconds=age)
    return {
        "Webhook-Id": "msg_1",
        "Webhook-Timestamp": str(int(at.timestamp())),
        "Webhook-Signature": Webhook(secret).sign("msg_1", at, body.decode()),
    }


def test_a_genuine_callback_is_read() -> None:
    """Type, id and document come out typed, whatever the case of the headers."""
    callback = verify_callback(BODY, signed(), OLD)
    assert (callback.id, callback.type, callback.data.flow) == ("msg_1", "run.succeeded", "tell_story")


def test_secrets_can_change_over() -> None:
    """While they rotate, either of the receiver's secrets will do."""
    assert verify_callback(BODY, signed(OLD), [NEW, OLD]).id == "msg_1"


@pytest.mark.parametrize(
    "headers",
    [
        signed(NEW),
        signed(age=301),
        signed() | {"Webhook-Signature": "nonsense"},
        signed() | {"Webhook-Signature": "v1,####"},
        signed() | {"Webhook-Timestamp": "soon"},
        {},
    ],
    ids=["other secret", "too old", "no version", "no base64", "no time", "no headers"],
)
def test_what_is_not_genuine_is_refused(headers: dict[str, str]) -> None:
    """One error for all of it, malformed headers included."""
    with pytest.raises(NotGenuine):
        verify_callback(BODY, headers, OLD)


def test_a_changed_body_is_refused() -> None:
    """The signature covers every byte."""
    with pytest.raises(NotGenuine):
        verify_callback(BODY.replace(b"Succeeded", b"Failed"), signed(), OLD)


def test_a_body_that_is_no_text_is_refused() -> None:
    """Bytes that aren't UTF-8 are no callback of ours, and no traceback."""
    with pytest.raises(NotGenuine):
        verify_callback(b"\xff\xfe", signed(), OLD)
