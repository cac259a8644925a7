"""Turns a replay's decisions into history events, messages and work: TaskOrchestrationDispatcher."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from raincheck_devhost.durable.execution.decisions import (
    Complete,
    Decision,
    ScheduleActivity,
    StartSubOrchestration,
    StartTimer,
)
from raincheck_devhost.durable.protocol import events as ev
from raincheck_devhost.durable.protocol.timestamps import written
from raincheck_devhost.durable.storage.records import ActivityItem, Message, TimerItem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from raincheck_devhost.durable.protocol.events import Event


@dataclass
class Dispatched:
    """What one replay's decisions come to; `successor` is the start of the execution continued as."""

    events: list[Event] = field(default_factory=list)
    activities: list[ActivityItem] = field(default_factory=list)
    timers: list[TimerItem] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    successor: list[Event] | None = None


class Dispatcher:
    """Dispatches for one execution; `next_id` numbers what is stored, `now` is asked for every timestamp."""

    def __init__(self, started: Event, next_id: Callable[[], int], now: Callable[[], datetime]) -> None:
        self._started = started
        self._instance_id: str = started["OrchestrationInstance"]["InstanceId"]
        self._execution_id: str = started["OrchestrationInstance"]["ExecutionId"]
        self._next_id, self._now = next_id, now

    def dispatch(self, decisions: Iterable[Decision]) -> Dispatched:
        """Work through the decisions in order."""
        out = Dispatched()
        for decision in decisions:
            if isinstance(decision, ScheduleActivity):
                self._activity(decision, out)
            elif isinstance(decision, StartTimer):
                self._timer(decision, out)
            elif isinstance(decision, StartSubOrchestration):
                self._sub_orchestration(decision, out)
            elif decision.status == "ContinuedAsNew":
                out.successor = self._successor(decision)
            else:
                self._end(decision, out)
        return out

    def _activity(self, decision: ScheduleActivity, out: Dispatched) -> None:
        out.events.append(ev.task_scheduled(written(self._now()), decision.task_id, decision.name))
        item = ActivityItem(
            self._next_id(),
            self._instance_id,
            self._execution_id,
            decision.task_id,
            decision.name,
            decision.payload,
        )
        out.activities.append(item)

    def _timer(self, decision: StartTimer, out: Dispatched) -> None:
        made, fire_at = self._now(), written(decision.fire_at)
        out.events.append(ev.timer_created(written(made), decision.task_id, fire_at))
        # The queue's visibility is in whole seconds, cut off: a timer fires up to a second early.
        whole_seconds = max(0, (decision.fire_at - made) // timedelta(seconds=1))
        visible_at = written(made + timedelta(seconds=whole_seconds))
        item = TimerItem(
            self._next_id(),
            self._instance_id,
            self._execution_id,
            decision.task_id,
            fire_at,
            written(made),
            visible_at,
        )
        out.timers.append(item)

    def _sub_orchestration(self, decision: StartSubOrchestration, out: Dispatched) -> None:
        at = written(self._now())
        out.events.append(ev.sub_created(at, decision.task_id, decision.name, decision.instance_id))
        child = uuid.uuid4().hex
        started = ev.execution_started(
            at,
            instance_id=decision.instance_id,
            execution_id=child,
            name=decision.name,
            input_text=decision.input_text,
            parent=ev.parent_instance(
                self._started["Name"], self._instance_id, self._execution_id, decision.task_id
            ),
        )
        out.messages.append(Message(self._next_id(), decision.instance_id, child, started))

    def _end(self, decision: Complete, out: Dispatched) -> None:
        at = written(self._now())
        out.events.append(ev.execution_completed(at, decision.task_id, decision.status, decision.result))
        parent = self._started["ParentInstance"]
        if parent is None:
            return
        task_id = parent["TaskScheduleId"]
        if decision.status == "Completed":
            event = ev.completed(ev.SUB_COMPLETED, at, task_id, decision.result)
        else:
            event = ev.failed(ev.SUB_FAILED, at, task_id, decision.result or "", decision.details)
        target = parent["OrchestrationInstance"]
        out.messages.append(Message(self._next_id(), target["InstanceId"], target["ExecutionId"], event))

    def _successor(self, decision: Complete) -> list[Event]:
        at = written(self._now())
        started = ev.execution_started(
            at,
            instance_id=self._instance_id,
            execution_id=uuid.uuid4().hex,
            name=self._started["Name"],
            input_text=decision.result,
            parent=self._started["ParentInstance"],
        )
        carried = [ev.settled(event) for event in decision.carried_over]
        return [ev.orchestrator_started(at), started, *carried, ev.orchestrator_completed(at)]
