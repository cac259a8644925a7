"""What several use cases need of the world. Each port has one adapter; tests bring their own.

Every method may raise StorageUnavailable. None waits longer than its adapter's limit.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from raincheck.outcomes import Outcome

__all__ = [
    "Clock",
    "InstanceStatus",
    "Orchestrations",
    "Outcomes",
    "Remains",
    "StopMarkers",
    "Unfinished",
    "UnfinishedRow",
]


class Clock(Protocol):
    """Tells the time; passed in, never taken, so that tests own it."""

    def __call__(self) -> datetime:
        """Return the time now, in UTC and aware."""
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
    """Durable's client, bound to one invocation: starts, looks at and signals orchestrations."""

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


class Outcomes(Protocol):
    """The outcome rows: written once, and first come is what stands."""

    async def record(self, run_id: str, outcome: Outcome) -> Outcome:
        """Create the row unless there is one; return the outcome that stands."""
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


class Remains(Protocol):
    """What a run leaves in our own storage beside its row: state, large outcomes, event log."""

    async def clear(self, run_id: str) -> None:
        """Delete what there is of a run or sub-flow. Twice is the same as once."""
        ...


@dataclass(frozen=True, slots=True)
class UnfinishedRow:
    """Something begun that the sweep finishes where a crash left it. `since` is when it was added."""

    kind: str
    key: str
    since: datetime
    data: dict[str, Any] = field(default_factory=dict)


class Unfinished(Protocol):
    """What was begun and is not done: added before the first of two writes, removed after the last."""

    async def add(self, kind: str, key: str, data: dict[str, Any] | None = None) -> None:
        """Add it, or add it anew. `kind` is one of ours, `key` has letters, digits, `-_:` or a bar."""
        ...

    async def remove(self, kind: str, key: str) -> None:
        """Remove it; nothing happens where it is not there."""
        ...

    async def due(self, kind: str, *, before: datetime, limit: int = 100) -> Sequence[UnfinishedRow]:
        """Return what was added before a time and is still there, oldest keys first."""
        ...
