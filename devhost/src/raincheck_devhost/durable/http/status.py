"""The status document of the management API, history included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from raincheck_devhost.durable.protocol import events as ev
from raincheck_devhost.durable.protocol.lenient_json import lenient_value
from raincheck_devhost.durable.protocol.timestamps import parsed, whole_seconds, with_offset, written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from raincheck_devhost.durable.protocol.events import Event
    from raincheck_devhost.durable.storage.records import Instance

_SCHEDULED_BY = {
    ev.TASK_COMPLETED: ev.TASK_SCHEDULED,
    ev.TASK_FAILED: ev.TASK_SCHEDULED,
    ev.SUB_COMPLETED: ev.SUB_CREATED,
    ev.SUB_FAILED: ev.SUB_CREATED,
}
_HAS_RESULT = {ev.TASK_COMPLETED, ev.SUB_COMPLETED, ev.EXECUTION_COMPLETED}
_LEFT_OUT = {
    ev.EXECUTION_STARTED: ("OrchestrationInstance", "ParentInstance", "Name", "Version", "Tags"),
    ev.TASK_SCHEDULED: ("Version",),
    ev.SUB_CREATED: ("Version",),
    ev.TIMER_FIRED: ("TimerId",),
    **dict.fromkeys(_SCHEDULED_BY, ("TaskScheduledId",)),
}
_NEVER_SHOWN = ("EventId", "IsPlayed")


class DuplicateEvent(Exception):
    """The history has two events of one id: it failed as non-deterministic; the extension can't show it."""

    def __init__(self, key: str) -> None:
        super().__init__(f"An item with the same key has already been added. Key: {key}")


def status_document(
    row: Instance, history: list[dict[str, Any]] | None = None, *, show_input: bool = True
) -> dict[str, Any]:
    """Build the document; without a history it has no `historyEvents`."""
    document = {
        "name": row.name,
        "instanceId": row.instance_id,
        "runtimeStatus": row.status,
        "input": shown(row.input) if show_input else None,
        "customStatus": shown(row.custom_status),
        "output": shown(row.output),
        "createdTime": whole_seconds(row.created_at),
        "lastUpdatedTime": whole_seconds(row.updated_at),
    }
    if history is not None:
        document["historyEvents"] = history
    return document


def shown(text: str | None) -> Any:
    """Parse stored text for showing; what isn't JSON (a reason, say) is shown as it is."""
    if text is None:
        return None
    stripped = text.strip()
    if not stripped:
        return ""
    try:
        return lenient_value(stripped)
    except ValueError:
        return stripped


def shown_history(
    history: Sequence[Event], *, show_output: bool, show_input: bool = True
) -> list[dict[str, Any]]:
    """Fold scheduling events into what completes them, as the extension shows a history.

    Raises DuplicateEvent.
    """
    scheduled = _scheduled(history)
    folded: set[int] = set()
    items: list[tuple[int, dict[str, Any]]] = []
    for index, event in enumerate(history):
        kind = event["EventType"]
        if kind in (ev.ORCHESTRATOR_STARTED, ev.ORCHESTRATOR_COMPLETED):
            continue
        item = _item(event, show_output=show_output, show_input=show_input)
        if kind in _SCHEDULED_BY:
            origin = scheduled.get((_SCHEDULED_BY[kind], event["TaskScheduledId"]))
            if origin is not None:
                folded.add(origin)
                _fold(item, history[origin], show_input=show_input)
        items.append((index, item))
    return [item for index, item in items if index not in folded]


def _scheduled(history: Sequence[Event]) -> dict[tuple[int, int], int]:
    scheduled: dict[tuple[int, int], int] = {}
    for index, event in enumerate(history):
        kind = event["EventType"]
        if kind in (ev.TASK_SCHEDULED, ev.SUB_CREATED):
            if (kind, event["EventId"]) in scheduled:
                raise DuplicateEvent(f"{ev.NAMES[kind]}_{event['EventId']}")
            scheduled[kind, event["EventId"]] = index
    return scheduled


def _item(event: Event, *, show_output: bool, show_input: bool) -> dict[str, Any]:
    kind: int = event["EventType"]
    left_out = set(_LEFT_OUT.get(kind, ())) | set(_NEVER_SHOWN)
    if kind in _HAS_RESULT and not show_output:
        left_out.add("Result")
    if not show_input:
        left_out.add("Input")
    item = {"EventType": ev.NAMES.get(kind, str(kind))}
    item.update((key, value) for key, value in event.items() if key not in left_out and key != "EventType")
    if "Result" in item:
        item["Result"] = shown(event["Result"])
    if kind == ev.EXECUTION_STARTED:
        item["FunctionName"] = event["Name"]
    return item


def _fold(item: dict[str, Any], origin: Event, *, show_input: bool) -> None:
    item["ScheduledTime"] = with_offset(written(parsed(origin["Timestamp"])))
    item["FunctionName"] = origin["Name"]
    if show_input:
        item["Input"] = origin["Input"]
