"""Group commit: one append in flight a log and process, and each takes all that waits."""

import asyncio
import random
import uuid
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from raincheck.adapters.event_log.blobs import MAX_TRANSFER, LogBlobs
from raincheck.adapters.event_log.end import LogEnd
from raincheck.adapters.event_log.lines import CONTINUED, encode, line
from raincheck.errors import LogClosed, StorageUnavailable
from raincheck.service.ports import Clock

__all__ = ["Entry", "LogAppender"]

_OVERHEAD = 160  # bytes that number, attempt, writer and batch add to a line, at most
_MUCH = 4 * MAX_TRANSFER  # bytes that may wait before `put` waits too
_CONFLICT_PAUSE = 0.02  # seconds, at most, after the first conflict
_OUTAGE_PAUSE = 0.25
_MOST_DOUBLINGS = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """An event to be written. `starts` names the call of a step that starts with it, to be counted."""

    core: bytes
    starts: str | None = None


class LogAppender:
    """Writes one log for everyone in this process who writes to it. Use it from one event loop.

    `stored` is told the run after each append.
    """

    def __init__(
        self,
        blobs: LogBlobs,
        run_id: str,
        *,
        flow: str,
        clock: Clock,
        max_blocks: int,
        limit: float,
        stored: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._blobs = blobs
        self._run_id = run_id
        self._flow = flow
        self._clock = clock
        self._max_blocks = max_blocks
        self._limit = limit
        self._tell = stored
        self._writer = uuid.uuid4().hex[:12]
        self._began = clock()
        self._batch = 0
        self._sent_entries = False
        self._end = LogEnd()
        self._waiting: deque[Entry] = deque()
        self._waiting_bytes = 0
        self._taken = 0
        self._stored = 0
        self._changed = asyncio.Condition()
        self._flusher: asyncio.Task[None] | None = None
        self.failure: Exception | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing waits or is on its way."""
        return self._flusher is None or self._flusher.done()

    async def put(self, entries: Sequence[Entry]) -> int:
        """Take entries, in this order and together; return what `stored` asks for. Waits where much waits.

        Raises:
            LogClosed: the run has ended.
            StorageUnavailable: an earlier write could not be made.
        """
        if self._waiting_bytes > _MUCH:
            async with self._changed:
                await self._changed.wait_for(lambda: self.failure or self._waiting_bytes <= _MUCH)
        self._check()
        self._waiting.extend(entries)
        self._waiting_bytes += sum(_size(entry) for entry in entries)
        self._taken += len(entries)
        if self.idle:
            self._flusher = asyncio.create_task(self._flush())
        return self._taken

    async def stored(self, ticket: int) -> None:
        """Return when everything up to what `put` gave is stored. Raises as `put` does."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.failure or self._stored >= ticket)
        if self._stored < ticket:
            self._check()

    def _check(self) -> None:
        if self.failure is not None:
            raise self.failure

    async def _flush(self) -> None:
        while self._waiting and self.failure is None:
            entries = self._take()
            try:
                await self._store(entries)
            except Exception as error:  # noqa: BLE001 - whoever writes next is told
                self.failure = error
                self._waiting.clear()
            else:
                self._stored += len(entries)
                self._tell(self._run_id)
            async with self._changed:
                self._changed.notify_all()

    def _take(self) -> list[Entry]:
        entries: list[Entry] = []
        size = _OVERHEAD  # for run.started
        while self._waiting and size + _size(self._waiting[0]) <= MAX_TRANSFER:
            entry = self._waiting.popleft()
            entries.append(entry)
            size += _size(entry)
            self._waiting_bytes -= _size(entry)
        return entries

    async def _store(self, entries: Sequence[Entry]) -> None:
        self._batch += 1
        clock = asyncio.get_running_loop().time
        give_up = clock() + self._limit
        tries = 0
        while True:
            try:
                if await self._try(entries):
                    return
                longest = _CONFLICT_PAUSE
            except StorageUnavailable:
                if clock() > give_up:
                    raise
                longest = _OUTAGE_PAUSE
            if clock() > give_up:
                raise StorageUnavailable("Others kept writing to the event log; its end was never free.")
            await asyncio.sleep(random.uniform(0, longest * 2 ** min(tries, _MOST_DOUBLINGS)))  # noqa: S311 - jitter
            tries += 1

    async def _try(self, entries: Sequence[Entry]) -> bool:
        """Append once at the end as it is known. False: another one was there, the end is known anew."""
        if not self._end.current and await self._settle() and self._sent_entries:
            return True
        if self._end.closed:
            raise LogClosed("The run has ended; its event log takes no more.")
        if self._end.blocks >= self._max_blocks:
            self._sent_entries = False
            if not await self._append(self._continued()):
                return False
        self._sent_entries = True
        return await self._append(self._lines(entries))

    async def _append(self, data: bytes) -> bool:
        end = self._end
        end.sent, end.current = data, False  # until the answer is there: whatever is raised, look first
        if not end.exists:
            await self._blobs.create(self._run_id, end.blob)
        appended = await self._blobs.append(self._run_id, end.blob, data, end.offset)
        if appended is None:
            return await self._settle()
        end.blocks = appended.blocks
        end.fold(data)
        end.sent, end.current = b"", True
        return True

    async def _settle(self) -> bool:
        """Learn the end anew; True where what was sent there is found to be stored."""
        await self._end.catch_up(self._blobs, self._run_id)
        landed, self._end.landed = self._end.landed, False
        return landed

    def _continued(self) -> bytes:
        core = encode(CONTINUED, {}, self._clock())
        return line(self._end.number, core, self._writer, self._batch, key="next_sequence_number")

    def _lines(self, entries: Sequence[Entry]) -> bytes:
        """Number the entries; the same entries at the same end give the same bytes."""
        cores = []
        if self._end.number == 0:
            cores.append(encode("run.started", {"flow": self._flow}, self._began))
        starting: Counter[str] = Counter()
        for entry in entries:
            if entry.starts is None:
                cores.append(entry.core)
            else:
                starting[entry.starts] += 1
                attempt = self._end.starts[entry.starts] + starting[entry.starts]
                cores.append(b'%b,"attempt":%d' % (entry.core, attempt))
        return b"".join(
            line(number, core, self._writer, self._batch)
            for number, core in enumerate(cores, self._end.number)
        )


def _size(entry: Entry) -> int:
    return len(entry.core) + _OVERHEAD
