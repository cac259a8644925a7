"""History events as the extension writes them: these keys, in this order.

`IsPlayed` is the flag as it is sent in the episode that brings the event; `settled` gives it as it is stored.
"""

from __future__ import annotations

from typing import Any, Final

Event = dict[str, Any]

EXECUTION_STARTED: Final = 0
EXECUTION_COMPLETED: Final = 1
EXECUTION_TERMINATED: Final = 3
TASK_SCHEDULED: Final = 4
TASK_COMPLETED: Final = 5
TASK_FAILED: Final = 6
SUB_CREATED: Final = 7
SUB_COMPLETED: Final = 8
SUB_FAILED: Final = 9
TIMER_CREATED: Final = 10
TIMER_FIRED: Final = 11
ORCHESTRATOR_STARTED: Final = 12
ORCHESTRATOR_COMPLETED: Final = 13
EVENT_RAISED: Final = 15
CONTINUED_AS_NEW: Final = 16
EXECUTION_SUSPENDED: Final = 19
EXECUTION_RESUMED: Final = 20

NAMES: Final = {
    EXECUTION_STARTED: "ExecutionStarted",
    EXECUTION_COMPLETED: "ExecutionCompleted",
    EXECUTION_TERMINATED: "ExecutionTerminated",
    TASK_SCHEDULED: "TaskScheduled",
    TASK_COMPLETED: "TaskCompleted",
    TASK_FAILED: "TaskFailed",
    SUB_CREATED: "SubOrchestrationInstanceCreated",
    SUB_COMPLETED: "SubOrchestrationInstanceCompleted",
    SUB_FAILED: "SubOrchestrationInstanceFailed",
    TIMER_CREATED: "TimerCreated",
    TIMER_FIRED: "TimerFired",
    ORCHESTRATOR_STARTED: "OrchestratorStarted",
    ORCHESTRATOR_COMPLETED: "OrchestratorCompleted",
    EVENT_RAISED: "EventRaised",
    CONTINUED_AS_NEW: "ContinueAsNew",
    EXECUTION_SUSPENDED: "ExecutionSuspended",
    EXECUTION_RESUMED: "ExecutionResumed",
}


def _event(kind: int, at: str, fields: dict[str, Any], event_id: int = -1) -> Event:
    return {"EventType": kind, **fields, "EventId": event_id, "IsPlayed": False, "Timestamp": at}


def execution_started(
    at: str,
    *,
    instance_id: str,
    execution_id: str,
    name: str,
    input_text: str | None,
    parent: dict[str, Any] | None = None,
    generation: int | None = None,
) -> Event:
    """An execution begins; `generation` counts the executions a client started (None for all others)."""
    fields = {
        "ParentInstance": parent,
        "Name": name,
        "Version": None,
        "Input": input_text,
        "Tags": None,
        "Correlation": None,
        "ParentTraceContext": None,
        "ScheduledStartTime": None,
        "Generation": generation,
        "GenerateNewTrace": False,
    }
    instance = {"InstanceId": instance_id, "ExecutionId": execution_id}
    return {"OrchestrationInstance": instance, **_event(EXECUTION_STARTED, at, fields)}


def parent_instance(name: str, instance_id: str, execution_id: str, task_id: int) -> dict[str, Any]:
    """Describe the parent in a sub-orchestration's ExecutionStarted."""
    instance = {"InstanceId": instance_id, "ExecutionId": execution_id}
    return {"Name": name, "OrchestrationInstance": instance, "TaskScheduleId": task_id, "Version": None}


def execution_completed(at: str, event_id: int, status: str, result: str | None) -> Event:
    """An execution ended; never reaches Python."""
    fields = {"OrchestrationStatus": status, "Result": result, "FailureDetails": None}
    return _event(EXECUTION_COMPLETED, at, fields, event_id)


def execution_terminated(at: str, reason: str | None) -> Event:
    """Somebody terminated the instance."""
    return _event(EXECUTION_TERMINATED, at, {"Input": reason})


def execution_suspended(at: str, reason: str | None) -> Event:
    """Somebody suspended the instance."""
    return _event(EXECUTION_SUSPENDED, at, {"Reason": reason})


def execution_resumed(at: str, reason: str | None) -> Event:
    """Somebody resumed the instance."""
    return _event(EXECUTION_RESUMED, at, {"Reason": reason})


def task_scheduled(at: str, task_id: int, name: str) -> Event:
    """An activity was scheduled."""
    fields = {"Name": name, "Version": "", "Input": None, "ParentTraceContext": None, "Tags": None}
    return _event(TASK_SCHEDULED, at, fields, task_id)


def sub_created(at: str, task_id: int, name: str, instance_id: str) -> Event:
    """A sub-orchestration was started."""
    fields = {
        "Name": name,
        "Version": None,
        "InstanceId": instance_id,
        "Input": None,
        "ClientSpanId": None,
        "Tags": None,
    }
    return _event(SUB_CREATED, at, fields, task_id)


def completed(kind: int, at: str, task_id: int, result: str | None) -> Event:
    """A task (TASK_COMPLETED) or sub-orchestration (SUB_COMPLETED) gave its result, JSON text."""
    return _event(kind, at, {"TaskScheduledId": task_id, "Result": result})


def failed(kind: int, at: str, task_id: int, reason: str, details: str | None) -> Event:
    """A task (TASK_FAILED) or sub-orchestration (SUB_FAILED) failed."""
    fields = {"TaskScheduledId": task_id, "Reason": reason, "Details": details, "FailureDetails": None}
    return _event(kind, at, fields)


def timer_created(at: str, task_id: int, fire_at: str) -> Event:
    """A timer was set."""
    return _event(TIMER_CREATED, at, {"FireAt": fire_at}, task_id)


def timer_fired(at: str, task_id: int, fire_at: str) -> Event:
    """A timer fired; `at` is when it was made: the extension stamps the message it hides in the queue."""
    return _event(TIMER_FIRED, at, {"TimerId": task_id, "FireAt": fire_at})


def event_raised(at: str, name: str, input_text: str) -> Event:
    """An external event came."""
    return _event(EVENT_RAISED, at, {"Name": name, "Input": input_text, "ParentTraceContext": None})


def orchestrator_started(at: str) -> Event:
    """An episode began; its timestamp is what `current_utc_datetime` comes from."""
    return _event(ORCHESTRATOR_STARTED, at, {})


def orchestrator_completed(at: str) -> Event:
    """An episode ended."""
    return _event(ORCHESTRATOR_COMPLETED, at, {})


def settled(event: Event) -> Event:
    """Mark an event as played, except OrchestratorStarted, which is never marked."""
    return event if event["EventType"] == ORCHESTRATOR_STARTED else {**event, "IsPlayed": True}
