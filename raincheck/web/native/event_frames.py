"""Events as they go over the wire of the native contract."""

import json
from collections.abc import Callable
from typing import Any

from raincheck.events import Position, StoredEvent
from raincheck.service.documents import StatusDocuments
from raincheck.service.follow import Asked, ComeBack, Silence, Update
from raincheck.service.tokens import Scope, Token, Tokens

__all__ = ["RETRY", "EventFrames"]

RETRY = b"retry: 1000\n\n"  # milliseconds until a browser reconnects
COMMENT = b": the run goes on\n\n"


class EventFrames:
    """The frames and documents of one run's events, for the reader who opened them with a token.

    Events are passed on: the tokens in them only read. `goes_on`: whether the run is known not to have ended;
    else no token outlives the reader's own.
    """

    def __init__(
        self, tokens: Tokens, documents: StatusDocuments, opened: Token, goes_on: Callable[[], bool]
    ) -> None:
        self._tokens = tokens
        self._documents = documents
        self._opened = opened
        self._goes_on = goes_on

    def document(self, event: StoredEvent) -> dict[str, Any]:
        """Return an event with the token to go on after it; null after the last."""
        token = None if event.terminal else self._token(event.next)
        own = {"sequence_number": event.sequence_number, "type": event.type, "continuation_token": token}
        return {**own, **event.fields, **own}  # in this order for people; a field never stands in for ours

    def asked(self, asked: Asked) -> dict[str, Any]:
        """Return what a reader is told of questions: no log has it, and it has no number."""
        requests = self._documents.requests(asked.view, can_answer=self._opened.may_act)
        return {
            "type": "run.input_required",
            "continuation_token": self._token(asked.position),
            "input_requests": [request.model_dump(mode="json") for request in requests],
        }

    def frames(self, update: Update) -> bytes:
        """Build the server-sent events of an update: `id:` is the position after an event, no `event:`."""
        match update:
            case Silence():
                return COMMENT
            case Asked():
                return _frame(self.asked(update), None)
            case ComeBack():
                token = self._token(update.position)
                return _frame({"type": "stream.resume", "continuation_token": token}, None)
            case page:
                return b"".join(_frame(self.document(event), event.next) for event in page.events)

    def cursor(self, position: Position) -> str:
        """Build the reader's own token to read on at a position: it may what the one that opened may."""
        return self._token(position, "read" if self._opened.may_act else "view")

    def _token(self, position: Position, scope: Scope = "view") -> str:
        until = None if self._goes_on() else self._opened.expires_at
        return self._tokens.issue(self._opened.run_id, scope, position, expires_at=until)


def _frame(data: dict[str, Any], position: Position | None) -> bytes:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    lines = [f"data: {text}"] if position is None else [f"id: {position.encode()}", f"data: {text}"]
    return ("\n".join(lines) + "\n\n").encode()
