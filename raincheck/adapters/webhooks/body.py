"""What a callback says, as Standard Webhooks define it."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from raincheck.timestamps import rfc3339

__all__ = ["MAX_BODY", "callback_body", "webhook_id"]

MAX_BODY = 256 * 1024  # bytes; a larger result is left out


def webhook_id(run_id: str, event: str, request_id: str | None = None) -> str:
    """Return the id that all attempts of a delivery share, by which receivers drop what they have had."""
    return "_".join(["msg", run_id, event, *([request_id] if request_id else [])])


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
    stamp = rfc3339(timestamp)
    body = _encoded({"type": event, "timestamp": stamp, "data": document})
    if len(body) > limit:
        body = _encoded({"type": event, "timestamp": stamp, "data": {**document, "result": None}})
    return body


def _encoded(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")  # half a surrogate pair becomes its JSON escape
