"""Closing a log: the terminal line, then the seal."""

import asyncio
import random
import uuid
from datetime import datetime

from adapters.event_log.blobs import LogBlobs
from adapters.event_log.lines import encode, fit, line
from adapters.event_log.search import LastLine, last_line
from raincheck.errors import StorageUnavailable
from raincheck.events import Event, Position

__all__ = ["close_log"]

_PAUSE = 0.05  # seconds, at most, after the first try


async def close_log(
    blobs: LogBlobs, run_id: str, *, flow: str, terminal: Event, now: datetime, limit: float
) -> None:
    """Append the terminal line unless there is one, and seal; create the log if need be.

    Raises:
        StorageUnavailable: not done within `limit` seconds.
    """
    clock = asyncio.get_running_loop().time
    give_up = clock() + limit
    tries = 0
    while True:
        try:
            if await _try(blobs, run_id, flow, terminal, now):
                return
        except StorageUnavailable:
            if clock() > give_up:
                raise
        if clock() > give_up:
            raise StorageUnavailable("Others kept writing to the event log; its end was never free.")
        await asyncio.sleep(random.uniform(0, _PAUSE * 2 ** min(tries, 5)))  # noqa: S311 - jitter
        tries += 1


async def _try(blobs: LogBlobs, run_id: str, flow: str, terminal: Event, now: datetime) -> bool:
    """Do what is left to do; False where another one was faster or an answer was lost: look again."""
    last = await last_line(blobs, run_id)
    if last is not None and last.head is not None and last.head.terminal:
        return last.sealed or await blobs.seal(run_id, last.blob, last.etag)
    at = last.next if last is not None else Position()
    if _missing(last, at):
        await blobs.create(run_id, at.blob)
    cores = [fit(terminal, now)]
    if at.sequence == 0:
        cores.insert(0, encode("run.started", {"flow": flow}, now))
    writer = uuid.uuid4().hex[:12]
    lines = b"".join(line(number, core, writer, 0) for number, core in enumerate(cores, at.sequence))
    appended = await blobs.append(run_id, at.blob, lines, at.offset)
    return appended is not None and await blobs.seal(run_id, at.blob, appended.etag)


def _missing(last: LastLine | None, at: Position) -> bool:
    return last is None or last.blob != at.blob
