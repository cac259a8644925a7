"""Checks a history's scheduling events against what the orchestrator asks for now.

The texts are Durable Task's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from raincheck_devhost.durable.execution.decisions import (
    Complete,
    ScheduleActivity,
    StartSubOrchestration,
    StartTimer,
)
from raincheck_devhost.durable.protocol import events as ev
from raincheck_devhost.durable.protocol.faults import NonDeterministicFault

if TYPE_CHECKING:
    from raincheck_devhost.durable.execution.decisions import Decision
    from raincheck_devhost.durable.protocol.events import Event

_CHANGED = "Was a change made to the orchestrator code after this instance had already started running?"
_ACTION_NAMES = {
    ScheduleActivity: "ScheduleTaskOrchestratorAction",
    StartTimer: "CreateTimerOrchestratorAction",
    StartSubOrchestration: "CreateSubOrchestrationAction",
    Complete: "OrchestrationCompleteOrchestratorAction",
}
_EXPECTED = {
    ev.TASK_SCHEDULED: ScheduleActivity,
    ev.SUB_CREATED: StartSubOrchestration,
    ev.TIMER_CREATED: StartTimer,
}


def check_replayed(event: Event, decisions: dict[int, Decision]) -> None:
    """Take the decision that the event records out of `decisions`.

    Raises NonDeterministicFault if there is none, or another.
    """
    decision = decisions.get(event["EventId"])
    if decision is None:
        raise NonDeterministicFault(_missing(event))
    if not isinstance(decision, _EXPECTED[event["EventType"]]):
        raise NonDeterministicFault(_other_kind(event, _ACTION_NAMES[type(decision)]))
    now_called = getattr(decision, "name", None)
    if now_called is not None and now_called.casefold() != event["Name"].casefold():
        raise NonDeterministicFault(_other_name(event, now_called))
    del decisions[event["EventId"]]


def _missing(event: Event) -> str:
    task_id = event["EventId"]
    if event["EventType"] == ev.TASK_SCHEDULED:
        return (
            "A previous execution of this orchestration scheduled an activity task with sequence ID "
            f"{task_id} and name '{event['Name']}' (version '{event['Version']}'), but the current replay "
            f"execution hasn't (yet?) scheduled this task. {_CHANGED}"
        )
    if event["EventType"] == ev.SUB_CREATED:
        return (
            f"{_sub_described(event)}, but the current replay execution hasn't (yet?) scheduled this task. "
            + _CHANGED
        )
    return (
        f"A previous execution of this orchestration scheduled a timer task with sequence number {task_id} "
        f"but the current replay execution hasn't (yet?) scheduled this task. {_CHANGED}"
    )


def _other_kind(event: Event, action: str) -> str:
    task_id = event["EventId"]
    if event["EventType"] == ev.TASK_SCHEDULED:
        return (
            "A previous execution of this orchestration scheduled an activity task with sequence number "
            f"{task_id} named '{event['Name']}', but the current orchestration replay instead produced a "
            f"{action} action with this sequence number. {_CHANGED}"
        )
    if event["EventType"] == ev.SUB_CREATED:
        return (
            f"{_sub_described(event)}, but the current orchestration replay instead produced a {action} "
            f"action at this sequence number. {_CHANGED}"
        )
    return (
        f"A previous execution of this orchestration scheduled a timer task with sequence number {task_id} "
        f"named but the current orchestration replay instead produced a {action} action with this sequence "
        f"number. {_CHANGED}"
    )


def _other_name(event: Event, now_called: str) -> str:
    if event["EventType"] == ev.SUB_CREATED:
        return (
            f"{_sub_described(event)}, but the current orchestration replay instead scheduled a "
            f"sub-orchestration task with name {now_called} at this sequence number. {_CHANGED}"
        )
    return (
        "A previous execution of this orchestration scheduled an activity task with sequence number "
        f"{event['EventId']} named '{event['Name']}', but the current orchestration replay instead scheduled "
        f"an activity task named '{now_called}' with this sequence number.  {_CHANGED}"
    )


def _sub_described(event: Event) -> str:
    return (
        "A previous execution of this orchestration scheduled a sub-orchestration task with sequence ID "
        f"{event['EventId']} and name '{event['Name']}' (version '{event['Version'] or ''}', instance ID "
        f"'{event['InstanceId']}')"
    )
