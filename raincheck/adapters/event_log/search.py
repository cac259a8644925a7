"""Finding an event by its number, and where a log ends.

The number stands in every line, so no index is needed: interpolation finds one of 100,000 in a few reads of
32 KB, and halving is the fallback where lines are of very unequal length.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from raincheck.adapters.event_log.blobs import MAX_TRANSFER, LogBlobs, Stored
from raincheck.adapters.event_log.lines import CONTINUED, MAX_LINE, Head, heads
from raincheck.events import Position

__all__ = ["LastLine", "find", "last_line"]

_WINDOW = 32 * 1024  # bytes of one probe
_WIDE = 2 * MAX_LINE + _WINDOW  # holds a whole line wherever it begins
_GUESSES = 4  # interpolations before halving


@dataclass(frozen=True, slots=True)
class LastLine:
    """The last line of a log's last blob (None where the blob is empty), and the blob at that moment."""

    blob: int
    size: int
    head: Head | None
    number: int  # of the next event
    sealed: bool
    etag: str

    @property
    def next(self) -> Position:
        """Where the next event is expected."""
        if self.head is not None and self.head.type == CONTINUED:
            return Position(self.number, self.blob + 1, 0)
        return Position(self.number, self.blob, self.size)


async def last_line(blobs: LogBlobs, run_id: str, stored: Sequence[Stored] | None = None) -> LastLine | None:
    """Find a log's last line; None where there is no log."""
    candidates = await blobs.list(run_id) if stored is None else stored
    for one in reversed(candidates):
        for window in (_WINDOW, _WIDE):
            start = max(0, one.size - window)
            part = await blobs.read(run_id, one.index, start, MAX_TRANSFER)  # it may have grown since
            data = _aligned(part.data, start) if part else b""
            lines = list(heads(data))
            if part and lines:
                size = start + len(part.data) - len(data) + lines[-1].stop
                return LastLine(one.index, size, lines[-1], lines[-1].following, part.sealed, part.etag)
            if start == 0:
                break
        before = [other for other in candidates if other.index < one.index]
        previous = await last_line(blobs, run_id, before) if before else None
        number = previous.number if previous else 0
        return LastLine(one.index, 0, None, number, one.sealed, part.etag if part else "")
    return None


async def find(blobs: LogBlobs, run_id: str, sequence: int) -> Position | None:
    """Return where event `sequence` is, or the log's end where it isn't written yet; None: no log."""
    stored = await blobs.list(run_id)
    last = await last_line(blobs, run_id, stored)
    if last is None:
        return None
    if sequence >= last.number:
        return last.next
    low, high = 0, len(stored)  # the event is in stored[low:high]; a log has few blobs
    while high - low > 1:
        middle = (low + high) // 2
        first = await _first_number(blobs, run_id, stored[middle].index)
        if first is None or first > sequence:
            high = middle
        else:
            low = middle
    one = stored[low]
    size = last.size if one.index == last.blob else one.size
    first = await _first_number(blobs, run_id, one.index)
    after = stored[low + 1].index if low + 1 < len(stored) else None
    end = last.number if after is None else await _first_number(blobs, run_id, after) or last.number
    return await _within(blobs, run_id, Position(sequence, one.index), (0, first or 0), (size, end))


async def _within(
    blobs: LogBlobs, run_id: str, place: Position, low: tuple[int, int], high: tuple[int, int]
) -> Position:
    """Narrow (offset, number) `low` ≤ the event < `high` until a window holds it."""
    sequence, index = place.sequence, place.blob
    guesses, window = 0, _WINDOW
    while low[0] < high[0]:
        span = high[0] - low[0]
        guessing = guesses < _GUESSES and window == _WINDOW
        share = (sequence - low[1]) / max(1, high[1] - low[1]) if guessing else 0.5
        start = max(low[0], low[0] + int(span * share) - window // 2)
        part = await blobs.read(run_id, index, start, min(window, high[0] - start))
        data = _aligned(part.data, start - low[0]) if part else b""
        begin = start + (len(part.data) if part else 0) - len(data)
        lines = list(heads(data))
        guesses += 1
        if not lines:
            if window == _WIDE:
                break
            window = _WIDE
            continue
        for head in lines:
            if head.number == sequence and head.type != CONTINUED:
                return Position(sequence, index, begin + head.start)
        if lines[0].number > sequence:
            high = (begin, lines[0].number)
        else:
            low = (begin + lines[-1].stop, lines[-1].following)
    return Position(sequence, index, low[0])


async def _first_number(blobs: LogBlobs, run_id: str, index: int) -> int | None:
    if index == 0:
        return 0
    part = await blobs.read(run_id, index, 0, 512)
    if part is None or not part.data:
        return None
    digits = part.data.partition(b":")[2].partition(b",")[0]
    return int(digits)


def _aligned(data: bytes, before: int) -> bytes:
    """Drop what is left of a line that begins before `data`; nothing where nothing is before it."""
    return data if before == 0 else data[data.find(b"\n") + 1 :] if b"\n" in data else b""
