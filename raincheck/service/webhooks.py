"""Callbacks as Standard Webhooks define them: what is signed, and what is sent."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from standardwebhooks import Webhook

__all__ = ["MAX_BODY", "callback_body", "signed_headers", "webhook_id"]

MAX_BODY = 256 * 1024  # bytes; a larger result is left out


def webhook_id(run_id: str, event: str, request_id: str | None = None) -> str:
    """Return the id that all attempts of a delivery share, by which receivers drop what they have had."""
    return "_".join(["msg", run_id, event, *([request_id] if request_id else [])])


def signed_headers(
    secrets: Sequence[str], *, webhook_id: str, sent_at: datetime, body: bytes
) -> dict[str, str]:
    """Sign a body: `webhook-id`, `webhook-timestamp` and `webhook-signature`.

    Args:
        secrets: `whsec_…`, newest first; while they rotate there is a signature by each, in this order.
        webhook_id: the same for all attempts.
        sent_at: of this attempt; receivers refuse what is older than five minutes.
        body: UTF-8.
    """
    moment = sent_at.astimezone(UTC).replace(microsecond=0)
    text = body.decode()
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(webhook_id, moment, text) for secret in secrets),
    }


def callback_body(
    event: str, *, timestamp: datetime, document: Mapping[str, Any], limit: int = MAX_BODY
) -> bytes:
    """Return the body `{"type", "timestamp", "data"}` in UTF-8.

    Args:
        event: `run.succeeded`, `run.failed`, `run.canceled` or `run.input_required`.
        timestamp: when that happened, the same for all attempts.
        document: the status document, JSON-ready.
        limit: bytes; a larger body is sent with `result` null, and its `status_url` has the result.
    """
    stamp = timestamp.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    body = _encoded({"type": event, "timestamp": stamp, "data": document})
    if len(body) > limit:
        body = _encoded({"type": event, "timestamp": stamp, "data": {**document, "result": None}})
    return body


def _encoded(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")  # half a surrogate pair becomes its JSON escape
