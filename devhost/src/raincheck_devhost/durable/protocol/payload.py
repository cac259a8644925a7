"""The orchestration-trigger payload: indented JSON, built from event texts that are kept as they are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from raincheck_devhost.durable.protocol.newtonsoft import compact, indented

if TYPE_CHECKING:
    from collections.abc import Iterable

    from raincheck_devhost.durable.protocol.events import Event

_EVENT_LEVEL = 2
_BETWEEN = ",\n"
_CONSTANTS = (
    '  "upperSchemaVersion": 1,\n'
    '  "upperSchemaVersionNew": 3,\n'
    '  "longRunningTimerIntervalDuration": "3.00:00:00",\n'
    '  "maximumShortTimerDuration": "6.00:00:00",\n'
    '  "defaultHttpAsyncRequestSleepTimeMillseconds": 30000\n'
)


def event_text(event: Event) -> str:
    """Write one event as it stands in the payload's history."""
    return "  " * _EVENT_LEVEL + indented(event, _EVENT_LEVEL)


def joined(texts: Iterable[str]) -> str:
    """Put event texts one after another."""
    return _BETWEEN.join(texts)


def trigger_payload(
    history: str, value: Any, *, instance_id: str, is_replaying: bool, parent_instance_id: str | None
) -> str:
    """Build the payload; `history` is `joined` event texts, `value` the parsed input."""
    return (
        '{\n  "history": [\n'
        + history
        + '\n  ],\n  "input": '
        + indented(value, 1)
        + f',\n  "instanceId": {compact(instance_id)}'
        + f',\n  "isReplaying": {compact(is_replaying)}'
        + f',\n  "parentInstanceId": {compact(parent_instance_id)},\n'
        + _CONSTANTS
        + "}"
    )
