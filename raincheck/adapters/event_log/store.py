"""The event logs, put together from the parts of this room."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from weakref import WeakKeyDictionary

from typing_extensions import override

from raincheck.adapters.event_log.appender import LogAppender
from raincheck.adapters.event_log.blobs import MAX_TRANSFER, LogBlobs
from raincheck.adapters.event_log.closing import close_log
from raincheck.adapters.event_log.reader import read_log
from raincheck.adapters.event_log.writer import StepWriter
from raincheck.adapters.storage import Storage
from raincheck.events import Event, Position
from raincheck.run_ids import root_of
from raincheck.service.events import EventLog, EventPage
from raincheck.service.ports import Clock

__all__ = ["BlobEventLog"]

_MAX_BLOCKS = 5_000  # a blob takes 50,000, but Azurite opens a file for each block of a read
_WRITE_LIMIT = 30.0  # seconds that a write is tried before its step is told
_MOST_IDLE = 256  # appenders that stay for the next step of their run: they know where its log ends


class BlobEventLog(EventLog):
    """EventLog on append blobs.

    `max_blocks` is when a log goes on in another blob, `write_limit` how many seconds a write is tried;
    `stored` is told the run each time that events of it were stored from here.
    """

    def __init__(
        self,
        storage: Storage,
        clock: Clock,
        *,
        max_blocks: int = _MAX_BLOCKS,
        write_limit: float = _WRITE_LIMIT,
        stored: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._blobs = LogBlobs(storage)
        self._clock = clock
        self._max_blocks = max_blocks
        self._write_limit = write_limit
        self._stored = stored
        self._loops: WeakKeyDictionary[asyncio.AbstractEventLoop, OrderedDict[str, LogAppender]] = (
            WeakKeyDictionary()
        )

    @override
    def writer(self, run_id: str, *, flow: str, step: str, step_key: str, attempt: int) -> StepWriter:
        """Open a writer; nothing is stored until the first event. `flow` is the root run's."""
        root = root_of(run_id)
        appender = self._appender(root, flow)
        return StepWriter(
            appender, step=step, step_key=f"{run_id[len(root) :]}#{step_key}", clock=self._clock
        )

    @override
    async def read(
        self, run_id: str, start: Position, *, limit: int = 1000, size: int = MAX_TRANSFER
    ) -> EventPage:
        """Read on from `start`: at most `limit` events and about `size` bytes.

        The events' fields are those written, `time`, and `step` where a step wrote it.
        """
        return await read_log(self._blobs, root_of(run_id), start, limit=limit, size=size)

    @override
    async def close(self, run_id: str, *, flow: str, terminal: Event) -> None:
        """Append the terminal line and seal, creating the log if need be. Closing twice is the same as once.

        A result too large for a line is left out, and `result_omitted` is true.

        Raises:
            ValueError: the run is a sub-flow, whose log its root run closes.
            StorageUnavailable: it could not be done, after retries with a limit.
        """
        if run_id != root_of(run_id):
            raise ValueError("a sub-flow has no log of its own to close")
        await close_log(
            self._blobs, run_id, flow=flow, terminal=terminal, now=self._clock(), limit=self._write_limit
        )

    def _appender(self, root: str, flow: str) -> LogAppender:
        appenders = self._loops.setdefault(asyncio.get_running_loop(), OrderedDict())
        appender = appenders.get(root)
        if appender is None or appender.failure is not None:
            appender = appenders[root] = LogAppender(
                self._blobs,
                root,
                flow=flow,
                clock=self._clock,
                max_blocks=self._max_blocks,
                limit=self._write_limit,
                stored=self._stored,
            )
        appenders.move_to_end(root)
        for oldest in list(appenders)[: len(appenders) - _MOST_IDLE]:
            if appenders[oldest].idle:
                del appenders[oldest]
        return appender
