"""Events as they go over the wire."""

import json
from typing import Any

from raincheck.events import Position, StoredEvent
from raincheck.service.tokens import Tokens

__all__ = ["COMMENT", "RETRY", "document", "frame", "resume_frame", "unnumbered_frame"]

RETRY = b"retry: 1000\n\n"  # milliseconds until a browser reconnects
COMMENT = b": the run goes on\n\n"


def document(tokens: Tokens, run_id: str, event: StoredEvent) -> dict[str, Any]:
    """Return an event with the token to go on after it; null after the last."""
    token = None if event.terminal else tokens.issue(run_id, "read", event.next)
    own = {"sequence_number": event.sequence_number, "type": event.type, "continuation_token": token}
    return {**own, **event.fields, **own}  # in this order for people; a field never stands in for ours


def frame(tokens: Tokens, run_id: str, event: StoredEvent) -> bytes:
    """Build the server-sent event: `id:` is the position after it, there is no `event:` field."""
    return _frame(document(tokens, run_id, event), event.next)


def resume_frame(tokens: Tokens, run_id: str, position: Position) -> bytes:
    """Build the event that says: come back with this token. It is not part of the log and has no number."""
    return _frame(
        {"type": "stream.resume", "continuation_token": tokens.issue(run_id, "read", position)}, None
    )


def unnumbered_frame(data: dict[str, Any]) -> bytes:
    """Build an event that is not part of the log."""
    return _frame(data, None)


def _frame(data: dict[str, Any], position: Position | None) -> bytes:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    lines = [f"data: {text}"] if position is None else [f"id: {position.encode()}", f"data: {text}"]
    return ("\n".join(lines) + "\n\n").encode()
