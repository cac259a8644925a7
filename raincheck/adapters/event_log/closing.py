"""Closing a log: the terminal line, then the seal."""

import asyncio
import random
import uuid
from dataclasses import dataclass
from datetime import datetime

from raincheck.adapters.event_log.blobs import LogBlobs
from raincheck.adapters.event_log.lines import encode, fit, line
from raincheck.adapters.event_log.search import LastLine, last_line
from raincheck.errors import StorageUnavailable
from raincheck.events import Event, Position

__all__ = ["close_log"]

_PAUSE = 0.05  # seconds, at most, after the first try
_PATIENCE = 3  # tries before the writers are kept off


async def close_log(
    blobs: LogBlobs, run_id: str, *, flow: str, terminal: Event, now: datetime, limit: float
) -> None:
    """Append the terminal line unless there is one, and seal; create the log if need be.

    Raises:
        StorageUnavailable: not done within `limit` seconds.
    """
    closing = _Closing(blobs, run_id, flow, terminal, now)
    clock = asyncio.get_running_loop().time
    give_up = clock() + limit
    tries = 0
    while True:
        try:
            if await (closing.attempt() if tries < _PATIENCE else closing.attempt_alone()):
                return
        except StorageUnavailable:
            if clock() > give_up:
                raise
        if clock() > give_up:
            raise StorageUnavailable("Others kept writing to the event log; its end was never free.")
        await asyncio.sleep(random.uniform(0, _PAUSE * 2 ** min(tries, 5)))  # noqa: S311 - jitter
        tries += 1


@dataclass(frozen=True, slots=True)
class _Closing:
    blobs: LogBlobs
    run_id: str
    flow: str
    terminal: Event
    now: datetime

    async def attempt(self, lease: str | None = None) -> bool:
        """Do what is left to do; False where another one was faster or an answer was lost: look again."""
        last = await last_line(self.blobs, self.run_id)
        if last is not None and last.head is not None and last.head.terminal:
            return last.sealed or await self.blobs.seal(self.run_id, last.blob, last.etag, lease=lease)
        at = await self._place(last)
        lines = self._lines(at.sequence)
        appended = await self.blobs.append(self.run_id, at.blob, lines, at.offset, lease=lease)
        return appended is not None and await self.blobs.seal(
            self.run_id, at.blob, appended.etag, lease=lease
        )

    async def attempt_alone(self) -> bool:
        """Try with the writers kept off: one that never pauses would win every race."""
        at = await self._place(await last_line(self.blobs, self.run_id))
        lease = await self.blobs.lease(self.run_id, at.blob)
        if lease is None:
            return False
        try:
            return await self.attempt(lease)
        finally:
            await self.blobs.release(self.run_id, at.blob, lease)

    async def _place(self, last: LastLine | None) -> Position:
        at = last.next if last is not None else Position()
        if last is None or last.blob != at.blob:
            await self.blobs.create(self.run_id, at.blob)
        return at

    def _lines(self, number: int) -> bytes:
        cores = [fit(self.terminal, self.now)]
        if number == 0:
            cores.insert(0, encode("run.started", {"flow": self.flow}, self.now))
        writer = uuid.uuid4().hex[:12]
        return b"".join(line(at, core, writer, 0) for at, core in enumerate(cores, number))
