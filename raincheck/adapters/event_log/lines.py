r"""What a line of an event log is.

`{"sequence_number":n,"type":"…","time":"…Z", …fields, "step":"…", "writer":"…","batch":n}\n`
A log that goes on in another blob ends with `{"next_sequence_number":n,"type":"log.continued", …}`.
Writer and batch let a writer recognize its own bytes after an answer was lost.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from raincheck.errors import PermanentError
from raincheck.events import TERMINAL_TYPES, Event, Position, StoredEvent
from raincheck.timestamps import rfc3339
from raincheck.values.text import well_formed_json

__all__ = ["CONTINUED", "MAX_LINE", "STARTED", "Head", "decode", "encode", "fit", "heads", "line", "pieces"]

MAX_LINE = 256 * 1024  # bytes that one event may take
CONTINUED = "log.continued"
STARTED = re.compile(rb'^\{"sequence_number":\d+,"type":"step\.started",.*$', re.MULTILINE)
_HEAD = re.compile(rb'^\{"(?:next_)?sequence_number":(\d+),"type":"([a-z.]+)".*\n', re.MULTILINE)
_TEXT_PIECE = 32_768  # characters: even if each becomes \u0000, six bytes, a line holds them
_OURS = ("sequence_number", "type", "writer", "batch", "step_key")


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of a line: its number (or the next one's), its type, and where it stands in the bytes."""

    number: int
    type: str
    start: int
    stop: int

    @property
    def following(self) -> int:
        """The number of the event after it."""
        return self.number if self.type == CONTINUED else self.number + 1

    @property
    def terminal(self) -> bool:
        """Whether the log ends with it."""
        return self.type in TERMINAL_TYPES


def heads(data: bytes) -> Iterator[Head]:
    """Return the heads of the complete lines in `data`, which begins at the beginning of one."""
    for match in _HEAD.finditer(data):
        yield Head(int(match[1]), match[2].decode(), match.start(), match.end())


def encode(
    kind: str,
    fields: Mapping[str, Any],
    time: datetime,
    *,
    step: str | None = None,
    step_key: str | None = None,
) -> bytes:
    """Return what a line says of an event: everything but its number and its writer.

    Raises:
        PermanentError: it is too large for a line, or can't be said in JSON.
    """
    says: dict[str, Any] = {"type": kind, "time": rfc3339(time)}
    says |= {name: value for name, value in fields.items() if name not in (*_OURS, "time")}
    if step is not None:
        says["step"] = step
    if step_key is not None:
        says["step_key"] = step_key
    try:
        core = _core(says)
    except (TypeError, ValueError, RecursionError) as error:
        raise PermanentError(f"{kind} holds what JSON can't: {error}", code="event_not_json") from error
    if len(core) > MAX_LINE:
        raise PermanentError(
            f"{kind} takes {len(core):,} bytes; an event may take {MAX_LINE:,}. Store it, and emit where.",
            code="event_too_large",
        )
    return core


def _core(says: dict[str, Any]) -> bytes:
    text = json.dumps(says, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    try:
        return text[1:-1].encode()
    except UnicodeEncodeError:
        return _core(well_formed_json(says))


def line(number: int, core: bytes, writer: str, batch: int, *, key: str = "sequence_number") -> bytes:
    """Return the line that stands in the log, with its line feed."""
    return b'{"%b":%d,%b,"writer":"%b","batch":%d}\n' % (key.encode(), number, core, writer.encode(), batch)


def pieces(event: Event) -> Iterator[Event]:
    """Split a text delta that is too long for a line; readers join deltas anyway."""
    text = event.fields.get("text")
    if event.type != "output.text.delta" or not isinstance(text, str) or len(text) <= _TEXT_PIECE:
        yield event
        return
    for start in range(0, len(text), _TEXT_PIECE):
        yield Event(event.type, {**event.fields, "text": text[start : start + _TEXT_PIECE]})


def fit(terminal: Event, time: datetime) -> bytes:
    """Encode a terminal event; a result too large for a line is left out, `result_omitted` says so."""
    try:
        return encode(terminal.type, terminal.fields, time)
    except PermanentError:
        return encode(terminal.type, {**terminal.fields, "result": None, "result_omitted": True}, time)


def decode(raw: bytes, following: Position) -> StoredEvent:
    """Read a line; its fields are those of the event, and `time`. `following` is the position right after."""
    says = json.loads(raw)
    if b"\\u" in raw:  # a line of before holds halves of surrogate pairs as escapes
        says = well_formed_json(says)
    fields = {name: value for name, value in says.items() if name not in _OURS}
    return StoredEvent(says["sequence_number"], says["type"], fields, following)
