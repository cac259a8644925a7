"""Where a log ends, as far as one process knows: a writer is a reader that keeps up."""

import json
from collections import Counter
from dataclasses import dataclass, field

from raincheck.adapters.event_log.blobs import MAX_TRANSFER, LogBlobs
from raincheck.adapters.event_log.lines import CONTINUED, STARTED, Head, heads

__all__ = ["LogEnd"]


@dataclass(slots=True)
class LogEnd:
    """The end of a log: the next event's number, blob and offset, and how often each step has started."""

    number: int = 0
    blob: int = 0
    offset: int = 0
    blocks: int = 0
    exists: bool = False  # whether blob `blob` is known to be there
    closed: bool = False
    current: bool = False  # False: something may have been appended since, catch up first
    sent: bytes = b""  # what was sent to this end without an answer
    landed: bool = False  # whether `sent` was found there
    starts: Counter[str] = field(default_factory=Counter)

    def fold(self, data: bytes) -> None:
        """Take in what stands at the end. Half a line at its end is left for the next read."""
        last: Head | None = None
        for last in heads(data):  # noqa: B007 - only the last one is asked for
            pass
        if last is None:
            return
        for match in STARTED.finditer(data, 0, last.stop):
            self.starts[json.loads(match[0]).get("step_key", "")] += 1
        self.number = last.following
        self.closed = last.terminal
        self.exists = True
        if last.type == CONTINUED:
            self.blob, self.offset, self.blocks, self.exists = self.blob + 1, 0, 0, False
        else:
            self.offset += last.stop

    async def catch_up(self, blobs: LogBlobs, run_id: str) -> None:
        """Read on to the end, and see whether what was `sent` is there: an answer may have been lost.

        Raises:
            StorageUnavailable: storage doesn't answer; what was read so far is kept.
        """
        while not self.closed:
            blob, offset = self.blob, self.offset
            part = await blobs.read(run_id, blob, offset, MAX_TRANSFER)
            if self.sent:
                self.landed = part is not None and part.data.startswith(self.sent)
                self.sent = b""
            self.exists = part is not None
            if part is None:
                self.closed = offset > 0  # a log that was deleted takes no more either
                break
            if part.blocks is not None:
                self.blocks = part.blocks
            self.fold(part.data)
            if (self.blob, self.offset) == (blob, offset):
                break
        self.current = True
