"""One execution while it is replayed: open tasks, decisions made, events waited for.

The counterpart of TaskOrchestrationContext (Durable Task) and of the part of DurableOrchestrationContext
(the extension) that an out-of-process orchestrator can reach.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from raincheck_devhost.durable.execution.decisions import (
    Complete,
    Decision,
    ScheduleActivity,
    StartSubOrchestration,
    StartTimer,
)
from raincheck_devhost.durable.execution.tasks import Task, done
from raincheck_devhost.durable.protocol.timestamps import parsed

if TYPE_CHECKING:
    from datetime import datetime

    from raincheck_devhost.durable.protocol.events import Event


class ExecutionContext:
    """State of one replay; `at` is when the episode began whose events are being replayed, as written."""

    def __init__(self, instance_id: str, execution_id: str, at: str) -> None:
        self.instance_id = instance_id
        self.execution_id = execution_id
        self.at = at
        self.open_tasks: dict[int, Task] = {}
        self.decisions: dict[int, Decision] = {}
        self.continue_as_new: str | None = None
        self._continuing = False
        self._carried_over: list[Event] = []
        self._ended = False
        self._next_id = 0
        self._waiting: dict[str, list[Task]] = {}
        self._buffered: dict[str, int] = {}

    @property
    def now(self) -> datetime:
        """The same as a time."""
        return parsed(self.at)

    def schedule_activity(self, name: str, payload: str) -> Task:
        """Schedule an activity."""
        task_id = self._new_id()
        self.decisions[task_id] = ScheduleActivity(task_id, name, payload)
        return self._open(task_id)

    def start_sub_orchestration(self, name: str, instance_id: str | None, input_text: str | None) -> Task:
        """Start a child; without an id it gets `<own execution id>:<EventId>`."""
        task_id = self._new_id()
        child = instance_id if instance_id and instance_id.strip() else f"{self.execution_id}:{task_id}"
        self.decisions[task_id] = StartSubOrchestration(task_id, name, child, input_text)
        return self._open(task_id)

    def start_timer(self, fire_at: datetime, *, cancelled: bool = False) -> Task:
        """Set a timer. A cancelled one is made all the same, but nobody waits for it and its task failed."""
        task_id = self._new_id()
        self.decisions[task_id] = StartTimer(task_id, fire_at)
        if cancelled:
            return done(failed=True)
        return self._open(task_id)

    def wait_for_event(self, name: str) -> Task:
        """Wait for an event by name, case ignored; the last to wait is the first to get one."""
        key, task = name.casefold(), Task()
        self._waiting.setdefault(key, []).append(task)
        if self._buffered.get(key):
            self._buffered[key] -= 1
            self._serve(key)
        return task

    def raise_event(self, event: Event) -> None:
        """Hand an event to who waits, keep it for who will, or carry it over into the next execution."""
        if self._continuing:
            self._carried_over.append(event)
            return
        key = str(event["Name"]).casefold()
        if self._waiting.get(key):
            self._serve(key)
        else:
            self._buffered[key] = self._buffered.get(key, 0) + 1

    def request_continue_as_new(self, input_text: str | None) -> None:
        """End as ContinuedAsNew instead of Completed; events from now on are carried over."""
        self.continue_as_new, self._continuing, self._carried_over = input_text, True, []

    def complete(self, status: str, result: str | None, details: str | None = None) -> None:
        """Decide the end, once."""
        task_id = self._new_id()
        if status == "Completed" and self._continuing:
            carried = tuple(self._carried_over)
            self.decisions[task_id] = Complete(task_id, "ContinuedAsNew", self.continue_as_new, None, carried)
            return
        if self._ended:
            return
        self._ended = True
        self.decisions[task_id] = Complete(task_id, status, result, details)

    def _serve(self, key: str) -> None:
        task = self._waiting[key].pop()
        task.complete()

    def _new_id(self) -> int:
        task_id, self._next_id = self._next_id, self._next_id + 1
        return task_id

    def _open(self, task_id: int) -> Task:
        task = self.open_tasks[task_id] = Task()
        return task
