"""The end of a log that one attempt of one step writes to."""

from typing_extensions import override

from raincheck.adapters.event_log.appender import Entry, LogAppender
from raincheck.adapters.event_log.lines import encode, pieces
from raincheck.events import Event
from raincheck.service.events import EventWriter
from raincheck.service.ports import Clock

__all__ = ["StepWriter"]


class StepWriter(EventWriter):
    """Says which step an event comes from; the run's appender does the rest."""

    def __init__(self, appender: LogAppender, *, step: str, step_key: str, clock: Clock) -> None:
        self._appender = appender
        self._step = step
        self._step_key = step_key
        self._clock = clock
        self._ticket = 0

    @override
    async def write(self, event: Event) -> None:
        """Take an event; the first one is preceded by `step.started`. A very long text becomes several.

        Raises:
            LogClosed: the run has ended.
            StorageUnavailable: an earlier write could not be made, after retries with a limit.
            PermanentError: the event is too large for a line, or can't be said in JSON.
        """
        now = self._clock()
        entries = [Entry(encode(piece.type, piece.fields, now, step=self._step)) for piece in pieces(event)]
        if not self.used:
            started = encode("step.started", {}, now, step=self._step, step_key=self._step_key)
            entries.insert(0, Entry(started, starts=self._step_key))
        self._ticket = await self._appender.put(entries)

    @override
    async def flush(self) -> None:
        await self._appender.stored(self._ticket)

    @property
    @override
    def used(self) -> bool:
        return self._ticket > 0
