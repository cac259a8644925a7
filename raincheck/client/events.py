"""Server-sent events as they come over the wire, and the events of a run that they hold.

Lines end at LF or CRLF only: text in them may hold the other line ends of Unicode, at which httpx's own
`aiter_lines` would cut.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from raincheck.events import TERMINAL_TYPES

__all__ = ["EventReader", "RunEvent"]


@dataclass(frozen=True, slots=True)
class RunEvent:
    """Something that happened in a run.

    `continuation_token` goes on right after it, and only reads; None at the end. `id` goes on there too, as
    `Last-Event-ID` beside one's own token.

    `sequence_number` is None for what is not part of the log. `fields` by type: `output.text.delta` has
    `text`, `output.data` has `data`, `run.succeeded` has `result`, `run.failed` has `error`, …
    """

    type: str
    sequence_number: int | None
    continuation_token: str | None = field(repr=False)
    fields: dict[str, Any]
    id: str | None = None

    @property
    def terminal(self) -> bool:
        """Whether the run has ended with it."""
        return self.type in TERMINAL_TYPES


class EventReader:
    """Makes events of the bytes of a stream, in whatever pieces they come. A cut-off one is not given."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[str] = []
        self._id: str | None = None

    def read(self, chunk: bytes) -> list[RunEvent]:
        """Return the events that are complete with these bytes.

        Raises:
            ValueError: it is not an event of ours.
        """
        events = []
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for raw in lines:
            line = raw.removesuffix(b"\r").decode()
            if not line and self._data:
                events.append(_event("\n".join(self._data), self._id))
                self._data, self._id = [], None
            elif line.startswith("data:"):
                self._data.append(line.removeprefix("data:").removeprefix(" "))
            elif line.startswith("id:"):
                self._id = line.removeprefix("id:").removeprefix(" ")
        return events


def _event(text: str, event_id: str | None) -> RunEvent:
    document = json.loads(text)
    if not isinstance(document, dict) or not isinstance(document.get("type"), str):
        raise ValueError("The stream holds something that is no event.")  # noqa: TRY004 - of the text, not of an argument
    number = document.pop("sequence_number", None)
    token = document.pop("continuation_token", None)
    if not (number is None or type(number) is int) or not (token is None or isinstance(token, str)):
        raise ValueError("The stream holds an event with a wrong number or token.")
    return RunEvent(document.pop("type"), number, token, document, event_id)
