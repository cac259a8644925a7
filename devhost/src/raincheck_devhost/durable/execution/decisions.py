"""What a replay decides: what is to be scheduled, and how the execution ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from raincheck_devhost.durable.protocol.events import Event


@dataclass(frozen=True)
class ScheduleActivity:
    """Run an activity with `payload`, JSON text as the function gets it."""

    task_id: int
    name: str
    payload: str


@dataclass(frozen=True)
class StartTimer:
    """Fire at `fire_at`, UTC."""

    task_id: int
    fire_at: datetime


@dataclass(frozen=True)
class StartSubOrchestration:
    """Start a child with `input_text`, JSON text or None."""

    task_id: int
    name: str
    instance_id: str
    input_text: str | None


@dataclass(frozen=True)
class Complete:
    """End the execution: Completed, Failed, Terminated or ContinuedAsNew; `result` is JSON text or plain."""

    task_id: int
    status: str
    result: str | None
    details: str | None = None
    carried_over: tuple[Event, ...] = ()


Decision = ScheduleActivity | StartTimer | StartSubOrchestration | Complete


@dataclass(frozen=True)
class Outcome:
    """All decisions of one replay, in the order of their ids, and the custom status as JSON text."""

    decisions: tuple[Decision, ...]
    custom_status: str | None = None
    warnings: tuple[str, ...] = field(default=())
