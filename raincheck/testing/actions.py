"""What an orchestrator asks for, as the SDK tells it: actions, numbered as the Durable extension does."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

__all__ = [
    "ACTIVITY",
    "EVENT",
    "SUB_FLOW",
    "TIMER",
    "WHEN_ALL",
    "WHEN_ANY",
    "Scheduled",
    "leaves",
    "scheduled",
    "uncanceled",
]

Action = dict[str, Any]
ACTIVITY, SUB_FLOW, TIMER, EVENT, WHEN_ANY, WHEN_ALL = 0, 2, 5, 6, 11, 12


@dataclass
class Scheduled:
    """Something the orchestrator asked for; `label` is what a person calls it: `quote {"price":3}`."""

    id: int
    kind: int
    label: str
    input: Any
    fire_at: datetime | None = None
    canceled: bool = False
    ended: bool = False


def leaves(actions: Sequence[Action], kinds: Sequence[int] = (ACTIVITY, SUB_FLOW, TIMER)) -> Iterator[Action]:
    """Return what the extension numbers, in its order."""
    for action in actions:
        yield from leaves(action.get("compoundActions", []), kinds)
        if action["actionType"] in kinds:
            yield action


def scheduled(number: int, action: Action) -> Scheduled:
    """Read an action that the extension numbers."""
    kind = action["actionType"]
    if kind == TIMER:
        fire_at = datetime.fromisoformat(action["fireAt"])
        return Scheduled(number, kind, "timer", None, fire_at, bool(action["isCanceled"]))
    value = json.loads(action["input"])
    if kind == SUB_FLOW:
        return Scheduled(number, kind, f"flow {action['instanceId'].partition(':')[2]}", value)
    text = value.get("input_json") if isinstance(value, dict) else None
    label = action["functionName"] if text is None else f"{action['functionName']} {text}"
    return Scheduled(number, kind, label, value)


def uncanceled(actions: Sequence[Action]) -> list[Any]:
    """Leave out the one thing of an action that may change later."""
    text = json.dumps(actions).replace('"isCanceled": true', '"isCanceled": false')
    return list(json.loads(text))
