"""Reading a log on from a position, whose hint is checked by the line before or after it."""

from dataclasses import dataclass, field

from raincheck.adapters.event_log.blobs import MAX_TRANSFER, LogBlobs
from raincheck.adapters.event_log.lines import CONTINUED, MAX_LINE, Head, decode, heads
from raincheck.adapters.event_log.search import find
from raincheck.events import Position, StoredEvent
from raincheck.service.events import EventPage

__all__ = ["read_log"]

_BACK = 4 * 1024  # bytes read before the position: the line there tells whether the hint is right
_PER_EVENT = 512  # bytes, a guess: a small page need not fetch a megabyte
_LEAST = 32 * 1024
_LINE = 2 * MAX_LINE  # holds any line


@dataclass(slots=True)
class _Chunk:
    """What one read gave: events, where to go on, and whether more may be read at once."""

    next: Position
    events: list[StoredEvent] = field(default_factory=list)
    closed: bool = False
    more: bool = False
    exists: bool = True
    bytes: int = 0


async def read_log(
    blobs: LogBlobs, run_id: str, start: Position, *, limit: int, size: int = MAX_TRANSFER
) -> EventPage:
    """Read at most `limit` events and about `size` bytes; search where the hint is wrong.

    Raises:
        StorageUnavailable: storage doesn't answer.
    """
    position, trusted, taken = start, False, 0
    events: list[StoredEvent] = []
    while True:
        window = min(size, MAX_TRANSFER - _BACK, max(_LEAST, (limit - len(events)) * _PER_EVENT))
        chunk = await _read(blobs, run_id, position, limit - len(events), window, trusted=trusted)
        if chunk is None and trusted:  # deleted while it was read
            return EventPage(events, position, exists=True, closed=False)
        if chunk is None:
            place = await find(blobs, run_id, position.sequence)
            if place is None:
                return EventPage(events, Position(), exists=False, closed=False)
            position, trusted = place, True
            continue
        events += [event for event in chunk.events if event.sequence_number >= start.sequence]
        taken += chunk.bytes
        position, trusted = chunk.next, True
        if not chunk.more or len(events) >= limit or taken >= size:
            return EventPage(events, position, exists=chunk.exists, closed=chunk.closed, more=chunk.more)


async def _read(
    blobs: LogBlobs, run_id: str, position: Position, limit: int, window: int, *, trusted: bool
) -> _Chunk | None:
    """Read once at the position; None where its hint is wrong."""
    back = min(position.offset, _BACK)
    part = await blobs.read(run_id, position.blob, position.offset - back, back + window)
    if (
        part is not None
        and window < _LINE
        and len(part.data) == back + window
        and b"\n" not in part.data[back:]
    ):
        window = _LINE
        part = await blobs.read(run_id, position.blob, position.offset - back, back + window)
    if part is None:
        if position.blob == 0:
            return _Chunk(Position(), exists=False)
        return _Chunk(position) if trusted else None  # a log that goes on, but nothing was written yet
    before, after = part.data[:back], part.data[back:]
    if len(before) < back or (back and before[-1:] != b"\n"):
        return None
    if not after.startswith(b"{"):
        last = _last(before, whole=back == position.offset)
        if not trusted and not _follows(last, position, whole=back == position.offset):
            return None
        # The line is believed before the seal: a read may see the seal and not yet the line before it.
        return _Chunk(position, closed=part.sealed if last is None else last.terminal)
    chunk = _events(after, position, limit, trusted=trusted)
    if chunk is not None:
        cut = len(after) == window  # there may be more behind it
        chunk.more = not chunk.closed and chunk.next != position and (cut or chunk.next.blob != position.blob)
    return chunk


def _events(data: bytes, position: Position, limit: int, *, trusted: bool) -> _Chunk | None:
    chunk = _Chunk(position)
    for head in heads(data):
        if not trusted and head.number != position.sequence:
            return None
        trusted = True
        if head.type == CONTINUED:
            chunk.next = Position(head.number, position.blob + 1, 0)
            break
        if len(chunk.events) >= limit:
            break
        chunk.next = Position(head.following, position.blob, position.offset + head.stop)
        if head.number >= position.sequence:
            chunk.events.append(decode(data[head.start : head.stop], chunk.next))
        chunk.bytes += head.stop - head.start
        chunk.closed = head.terminal
    return chunk


def _last(before: bytes, *, whole: bool) -> Head | None:
    """The last line before the position, if it begins within what was read."""
    data = before if whole else before[before.find(b"\n") + 1 :]
    last = None
    for last in heads(data):  # noqa: B007 - only the last one is asked for
        pass
    return last


def _follows(last: Head | None, position: Position, *, whole: bool) -> bool:
    if last is None:
        return whole and position == Position()  # the very beginning of a blob without a line
    return last.type != CONTINUED and last.following == position.sequence
