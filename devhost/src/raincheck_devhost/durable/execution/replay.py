"""Replays one execution against the SDK's answer: TaskOrchestrationExecutor of Durable Task."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from raincheck_devhost.durable.execution.actions import ActionsShim
from raincheck_devhost.durable.execution.context import ExecutionContext
from raincheck_devhost.durable.execution.decisions import Decision, Outcome
from raincheck_devhost.durable.execution.replayed_decisions import check_replayed
from raincheck_devhost.durable.protocol import events as ev
from raincheck_devhost.durable.protocol.faults import NonDeterministicFault, OrchestrationFault

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from raincheck_devhost.durable.execution.tasks import Task
    from raincheck_devhost.durable.protocol.answer import Answer
    from raincheck_devhost.durable.protocol.events import Event

_CREATIONS = {ev.TASK_SCHEDULED, ev.SUB_CREATED, ev.TIMER_CREATED}
_HEARD_WHILE_SUSPENDED = {ev.EXECUTION_RESUMED, ev.EXECUTION_TERMINATED}


class Replay:
    """One replay: `run` it once over the whole history, then read the outcome it gives."""

    def __init__(
        self,
        started: Event,
        answer: Answer,
        *,
        is_activity: Callable[[str], bool],
        is_orchestrator: Callable[[str], bool],
    ) -> None:
        instance, parent = started["OrchestrationInstance"], started["ParentInstance"]
        self._answer = answer
        self._context = ExecutionContext(
            instance["InstanceId"], instance["ExecutionId"], started["Timestamp"]
        )
        self._shim = ActionsShim(
            started["Name"],
            self._context,
            is_activity=is_activity,
            is_orchestrator=is_orchestrator,
            parent_instance_id=parent and parent["OrchestrationInstance"]["InstanceId"],
        )
        self._ended = False
        self._fault: OrchestrationFault | None = None
        self._suspended = False
        self._held_events: deque[Event] = deque()
        self._held_decisions: dict[int, Decision] = {}
        self._handlers: dict[int, Callable[[Event], None]] = {
            ev.EXECUTION_STARTED: lambda _: self._start(),
            ev.TASK_COMPLETED: lambda event: self._complete(event["TaskScheduledId"]),
            ev.TASK_FAILED: lambda event: self._complete(event["TaskScheduledId"], failed=True),
            ev.SUB_COMPLETED: lambda event: self._complete(event["TaskScheduledId"]),
            ev.SUB_FAILED: lambda event: self._complete(event["TaskScheduledId"], failed=True),
            ev.TIMER_FIRED: lambda event: self._complete(event["TimerId"]),
            ev.EVENT_RAISED: self._context.raise_event,
            ev.EXECUTION_TERMINATED: lambda event: self._context.complete("Terminated", event["Input"]),
            ev.EXECUTION_SUSPENDED: lambda _: self._suspend(),
            ev.EXECUTION_RESUMED: lambda _: self._resume(),
        }

    def run(self, history: Iterable[Event]) -> Outcome:
        """Process all events in order; what is decided and not yet in the history is the outcome."""
        try:
            for event in history:
                self._process(event)
            if not self._context.open_tasks and self._ended:
                self._end()
        except NonDeterministicFault as fault:
            self._context.complete("Failed", fault.reason, fault.details)
        decisions = self._context.decisions
        return Outcome(
            tuple(decisions[task_id] for task_id in sorted(decisions)),
            None if self._answer.refusal else self._answer.custom_status,
            tuple(self._shim.warnings),
        )

    def _end(self) -> None:
        if self._fault is not None:
            self._context.complete("Failed", self._fault.reason, self._fault.details)
        else:
            self._context.complete("Completed", self._answer.output)

    def _process(self, event: Event) -> None:
        kind = event["EventType"]
        if kind == ev.ORCHESTRATOR_STARTED:
            self._context.at = event["Timestamp"]
        elif self._suspended and kind not in _HEARD_WHILE_SUSPENDED:
            if kind != ev.EXECUTION_SUSPENDED:
                self._held_events.append(event)
        elif kind in _CREATIONS:
            check_replayed(event, self._context.decisions)
        elif handler := self._handlers.get(kind):
            handler(event)

    def _complete(self, task_id: int, *, failed: bool = False) -> None:
        task = self._context.open_tasks.get(task_id)
        if task is not None:  # a late or second completion is dropped
            task.complete(failed=failed)
            del self._context.open_tasks[task_id]

    def _suspend(self) -> None:
        self._suspended = True
        self._held_decisions.update(self._context.decisions)
        self._context.decisions.clear()

    def _resume(self) -> None:
        self._suspended = False
        self._context.decisions.update(self._held_decisions)
        self._held_decisions.clear()
        while self._held_events:
            self._process(self._held_events.popleft())

    def _start(self) -> None:
        if self._answer.refusal is not None:
            self._ended, self._fault = True, self._answer.refusal
            return
        self._go_on(self._shim.await_each(self._answer.actions))

    def _go_on(self, actions: Generator[Task, None, bool]) -> None:
        try:
            for task in actions:
                if not task.completed:
                    task.then(lambda: self._go_on(actions))
                    return
        except OrchestrationFault as fault:
            self._ended, self._fault = True, fault
            return
        if self._answer.fault is not None:
            self._ended, self._fault = True, self._answer.fault
        elif self._answer.is_done:
            self._ended = True
