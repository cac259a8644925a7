"""What the store keeps, row by row. Times are written as `timestamps.written` does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from raincheck_devhost.durable.protocol.events import Event

ENDED: Final = frozenset({"Completed", "Failed", "Terminated", "Canceled"})


@dataclass
class Instance:
    """An orchestration instance as the status document shows it. `input`, `output` are JSON text or plain."""

    instance_id: str
    execution_id: str
    name: str
    status: str
    generation: int | None
    input: str | None
    output: str | None
    custom_status: str | None
    created_at: str
    updated_at: str

    @property
    def ended(self) -> bool:
        """Whether it is Completed, Failed or Terminated."""
        return self.status in ENDED


@dataclass(frozen=True)
class Message:
    """An event on its way to an instance; without `execution_id` it is for whichever execution runs."""

    message_id: int
    instance_id: str
    execution_id: str | None
    event: Event


@dataclass(frozen=True)
class ActivityItem:
    """An activity that is to run or runs."""

    item_id: int
    instance_id: str
    execution_id: str
    task_id: int
    name: str
    payload: str


@dataclass(frozen=True)
class TimerItem:
    """A timer that has not fired; `visible_at` is when it will, up to a second before `fire_at`."""

    item_id: int
    instance_id: str
    execution_id: str
    task_id: int
    fire_at: str
    made_at: str
    visible_at: str


@dataclass
class Commit:
    """All that one work item of an orchestration changes, written in one transaction.

    `texts` are the history events from `first_seq` on; with `rewrite` the older history goes.
    """

    instance: Instance
    consumed: list[int]
    first_seq: int
    texts: list[str]
    rewrite: bool
    activities: list[ActivityItem] = field(default_factory=list)
    timers: list[TimerItem] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
