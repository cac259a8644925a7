"""Event logs in memory."""

from typing import Any

from raincheck.errors import StorageUnavailable
from raincheck.events import Event, Position, StoredEvent
from raincheck.service.events import EventPage


class FakeLog:
    """Event logs as lists. A line is as long as one byte, so that offsets are sequence numbers times ten."""

    def __init__(self) -> None:
        self.lines: dict[str, list[Event]] = {}
        self.away = False
        self.page = 1000
        self.reads = 0

    def add(self, run_id: str, kind: Any, **fields: Any) -> None:
        self.lines.setdefault(run_id, []).append(Event(kind, fields))

    async def read(self, run_id: str, start: Position, *, limit: int = 1000, size: int = 0) -> EventPage:
        self.reads += 1
        if self.away:
            raise StorageUnavailable("blobs are away")
        stored = [
            StoredEvent(number, line.type, line.fields, Position(number + 1, 0, (number + 1) * 10))
            for number, line in enumerate(self.lines.get(run_id, []))
        ]
        events = stored[start.sequence :][: min(limit, self.page)]
        closed = bool(stored) and stored[-1].terminal
        end = stored[-1].next if stored else Position()
        more = bool(events) and events[-1] is not stored[-1]
        return EventPage(events, events[-1].next if events else end, bool(stored), closed, more)

    async def close(self, run_id: str, *, flow: str, terminal: Event) -> None:
        lines = self.lines.setdefault(run_id, [Event("run.started", {"flow": flow})])
        if lines[-1].type != terminal.type:
            lines.append(terminal)

    def writer(self, run_id: str, **_: Any) -> Any:
        raise NotImplementedError
