"""Events as they go over the wire of the native contract."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from raincheck.events import Position, StoredEvent
from raincheck.service.documents import StatusDocuments
from raincheck.service.following.follow import Asked, ComeBack, Following, Silence, Update
from raincheck.service.tokens import Scope, Token, Tokens

__all__ = ["RETRY", "EventFrames", "Frames"]

# No empty line after these: clients in wide use would hand them out as events without data.
RETRY = b"retry: 1000\n"  # milliseconds until a browser reconnects
COMMENT = b": the run goes on\n"
PIECE = 32 * 1024  # bytes that are sent in one go: what waits for a reader is counted in these
_LAST = "native: the frame of the last event"


@dataclass(frozen=True, slots=True)
class Frames:
    """Bytes to send. After them a reader may be sent away, to come back for `position`; None: not here."""

    data: bytes
    position: Position | None = None


class EventFrames:
    """The frames and documents of one run's events, for the reader who opened them with a token.

    Events are passed on: the tokens in them only read. `following` knows whether the run goes on; unless it
    does, no token outlives the reader's own.
    """

    def __init__(
        self, tokens: Tokens, documents: StatusDocuments, opened: Token, following: Following
    ) -> None:
        self._tokens = tokens
        self._documents = documents
        self._opened = opened
        self._following = following

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

    def frames(self, update: Update) -> Iterator[Frames]:
        """Build the server-sent events of an update: `id:` is the position after an event, no `event:`."""
        match update:
            case Silence():
                yield Frames(COMMENT)
            case Asked():
                yield Frames(_frame(self.asked(update), None))
            case ComeBack():
                yield Frames(self.come_back(update.position))
            case page:
                yield from self._events(page.events)

    def _events(self, events: Sequence[StoredEvent]) -> Iterator[Frames]:
        """Join small frames to pieces, and cut large ones into pieces."""
        joined = b""
        for event in events:
            frame = self._event(event)
            if len(frame) > PIECE and joined:
                yield Frames(joined)
                joined = b""
            if len(frame) > PIECE:
                yield from _cut(frame, event)
                continue
            joined += frame
            if len(joined) >= PIECE or event is events[-1]:
                yield Frames(joined, None if event.terminal else event.next)
                joined = b""

    def _event(self, event: StoredEvent) -> bytes:
        """Build the frame of an event; the last one has no token, is the same for all, and may be large."""
        if not event.terminal:
            return _frame(self.document(event), event.next)
        if _LAST not in self._following.shared:
            self._following.shared[_LAST] = _frame(self.document(event), event.next)
        return self._following.shared[_LAST]

    def come_back(self, position: Position) -> bytes:
        """Build the frame that asks a reader to come back."""
        return _frame({"type": "stream.resume", "continuation_token": self._token(position)}, None)

    def cursor(self, position: Position) -> str:
        """Build the reader's own token to read on at a position: it may what the one that opened may."""
        return self._token(position, "read" if self._opened.may_act else "view")

    def _token(self, position: Position, scope: Scope = "view") -> str:
        until = None if self._following.goes_on else self._opened.expires_at
        return self._tokens.issue(self._opened.run_id, scope, position, expires_at=until)


def _cut(frame: bytes, event: StoredEvent) -> Iterator[Frames]:
    for start in range(0, len(frame), PIECE):
        whole = start + PIECE >= len(frame) and not event.terminal
        yield Frames(frame[start : start + PIECE], event.next if whole else None)


def _frame(data: dict[str, Any], position: Position | None) -> bytes:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    lines = [f"data: {text}"] if position is None else [f"id: {position.encode()}", f"data: {text}"]
    return ("\n".join(lines) + "\n\n").encode()
