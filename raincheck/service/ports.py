"""What the library needs of the world. Each port has one adapter in `adapters/`; tests may bring their own.

Every method may raise StorageUnavailable (or the adapter's own transient error where noted). None waits
longer than its adapter's limit.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from raincheck.events import Event, Position, StoredEvent
from raincheck.models import CallbackRequest
from raincheck.outcomes import Outcome

__all__ = [
    "Clock",
    "EventLog",
    "EventPage",
    "EventWriter",
    "InstanceStatus",
    "Orchestrations",
    "Outcomes",
    "PostResult",
    "Remains",
    "RunIndex",
    "RunPage",
    "RunRow",
    "Runs",
    "StopMarkers",
    "Unfinished",
    "UnfinishedRow",
    "Webhooks",
]


class Clock(Protocol):
    """Tells the time; given, never taken, so that tests own it."""

    def __call__(self) -> datetime:
        """Return the time now, in UTC and aware."""
        ...


@dataclass(frozen=True, slots=True)
class RunRow:
    """What is known of a run before it starts. Its callback stays here: it may hold a signed URL."""

    run_id: str
    flow: str
    version: int
    created_at: datetime
    conversation_id: str | None = None
    channel: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    callback: CallbackRequest | None = field(default=None, repr=False)
    base_url: str | None = None  # what the URLs of its callbacks begin with


class Runs(Protocol):
    """The rows of the runs, partitioned by day."""

    async def create(self, row: RunRow) -> None:
        """Write the row of a new run."""
        ...

    async def get(self, run_id: str) -> RunRow | None:
        """Return the row of a run, or None."""
        ...


@dataclass(frozen=True, slots=True)
class RunPage:
    """Rows read in one go, in no order. `next` is where to read on, or None at the end of the day."""

    rows: Sequence[RunRow]
    next: str | None


class RunIndex(Protocol):
    """The rows of the runs, day by day: for whoever manages them."""

    async def page(self, day: str, *, start: str | None = None, limit: int = 100) -> RunPage:
        """Return rows of a day (`20261121`), from the start of it or from where another page ended."""
        ...

    async def days(self, *, before: str) -> Sequence[str]:
        """Return the days before this one that have rows, oldest first; at most a hundred."""
        ...

    async def delete(self, run_id: str) -> None:
        """Delete the row of a run: the last thing to go."""
        ...


class Remains(Protocol):
    """What a run leaves in our own storage beside its row: state, large outcomes, event log."""

    async def clear(self, run_id: str) -> None:
        """Delete what there is of a run or sub-flow. Twice is the same as once."""
        ...


class Outcomes(Protocol):
    """The outcome rows: written once, and first come is what stands."""

    async def record(self, run_id: str, outcome: Outcome) -> Outcome:
        """Create the row unless there is one; give the outcome that stands."""
        ...

    async def get(self, run_id: str) -> Outcome | None:
        """Return the outcome that stands, or None."""
        ...


class StopMarkers(Protocol):
    """Which steps of a run are no longer wanted."""

    async def stop(self, run_id: str, steps: Collection[int]) -> None:
        """Mark the steps, by their number in the run. Marking twice is the same as once."""
        ...

    async def stopped(self, run_id: str, step: int) -> bool:
        """Whether the step is marked. One storage read."""
        ...


class EventWriter(Protocol):
    """The end of the log that one attempt of one step writes to. Use it from one event loop."""

    async def write(self, event: Event) -> None:
        """Take an event. Returns at once unless much is waiting; what was taken goes out in order.

        The first one creates the log if need be and is preceded by `step.started`.

        Raises:
            LogClosed: the run has ended.
            StorageUnavailable: an earlier write could not be made, after retries with a limit.
        """
        ...

    async def flush(self) -> None:
        """Return when everything taken is stored. Raises as `write` does."""
        ...

    @property
    def used(self) -> bool:
        """Whether anything was written: then a terminal line is owed at the run's end."""
        ...


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events read in one go. `next` is where to read on; `closed` says that the log has its last line."""

    events: Sequence[StoredEvent]
    next: Position
    exists: bool
    closed: bool


class EventLog(Protocol):
    """The event logs, one a run (a sub-flow writes to the log of its root run)."""

    def writer(self, run_id: str, *, flow: str, step: str, step_key: str, attempt: int) -> EventWriter:
        """Open a writer; nothing is stored until the first event. `step_key` tells calls of a step apart."""
        ...

    async def read(self, run_id: str, start: Position, *, limit: int = 1000) -> EventPage:
        """Read on from `start`: at most `limit` events and about 1 MB. An unknown run has an empty page.

        Also raises nothing for a hint that is wrong: it searches. A `start` past the end gives no events.
        """
        ...

    async def close(self, run_id: str, *, flow: str, terminal: Event) -> None:
        """Append the terminal line and seal, creating the log if need be. Twice is the same as once."""
        ...


@dataclass(frozen=True, slots=True)
class InstanceStatus:
    """An orchestration as Durable shows it. `runtime_status` is Durable's word, e.g. `Running`."""

    runtime_status: str
    created_at: datetime
    updated_at: datetime
    custom_status: Any
    output: Any

    @property
    def ended(self) -> bool:
        """Whether Durable does nothing more for it."""
        return self.runtime_status in {"Completed", "Failed", "Terminated", "Canceled"}


class Orchestrations(Protocol):
    """Durable's client: starts, looks at and signals orchestrations."""

    async def start(self, orchestrator: str, instance_id: str, payload: dict[str, Any]) -> None:
        """Start an orchestration; cut at 10 s.

        Raises:
            AlreadyStarted: one of that id is there.
            NothingStarted: it failed, and nothing was started.
            StorageUnavailable: it failed, and may or may not have started.
        """
        ...

    async def status(self, instance_id: str) -> InstanceStatus | None:
        """Return its status without input and history, or None."""
        ...

    async def raise_event(self, instance_id: str, name: str, value: Any) -> bool:
        """Raise an event; False where the instance is unknown or has ended."""
        ...

    async def terminate(self, instance_id: str, reason: str) -> None:
        """Terminate it; nothing happens where it is unknown or has ended."""
        ...

    async def purge(self, instance_id: str) -> None:
        """Delete its history; nothing happens where it is unknown, or has not ended."""
        ...


@dataclass(frozen=True, slots=True)
class PostResult:
    """What came of one post. `retry_after` is in seconds; `detail` is for people and holds no secret."""

    delivered: bool
    final: bool
    status: int | None
    detail: str
    retry_after: float | None = None


class Webhooks(Protocol):
    """Posts signed callbacks (Standard Webhooks) to receivers that may be hostile."""

    def check(self, callback: CallbackRequest) -> None:
        """Refuse a callback that could never be posted, before a run is started for it.

        Raises:
            RequestError: 422; the URL is not allowed or the secret's name is unknown.
        """
        ...

    async def post(self, callback: CallbackRequest, *, webhook_id: str, body: bytes) -> PostResult:
        """Post once, within limits. Never raises for what the receiver does."""
        ...


@dataclass(frozen=True, slots=True)
class UnfinishedRow:
    """Something begun that a sweeper finishes where a crash left it. `since` is when it was noted."""

    kind: str
    key: str
    since: datetime
    data: dict[str, Any] = field(default_factory=dict)


class Unfinished(Protocol):
    """What was begun and is not done: noted before the first of two writes, crossed out after the last."""

    async def add(self, kind: str, key: str, data: dict[str, Any] | None = None) -> None:
        """Note it, or note it anew. `kind` is one of ours, `key` has letters, digits, `-_:` or a bar."""
        ...

    async def remove(self, kind: str, key: str) -> None:
        """Cross it out; nothing happens where it is not there."""
        ...

    async def due(self, kind: str, *, before: datetime, limit: int = 100) -> Sequence[UnfinishedRow]:
        """Return what was noted before a time and is not crossed out, oldest keys first."""
        ...
