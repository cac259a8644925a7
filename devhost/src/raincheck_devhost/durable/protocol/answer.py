"""What an orchestrator's episode said: the SDK's answer, or why there is none."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from raincheck_devhost.durable.protocol.faults import (
    OrchestrationFault,
    raised_by_orchestrator,
    refused_by_extension,
    remote_message,
)
from raincheck_devhost.durable.protocol.newtonsoft import compact
from raincheck_devhost.durable.protocol.sanitizer import sanitized

if TYPE_CHECKING:
    from raincheck_devhost.durable.ports import FunctionFailed

_LABEL = "$OutOfProcData$:"
_MESSAGE, _STACK = "\nException:", "\nStack:"
_BAD_SCHEMA = "Out of proc orchestrators must return a valid JSON schema"
_STATUS_LIMIT_KB = 16


@dataclass(frozen=True)
class Answer:
    """The actions so far, and how it ends once they are done: `fault`, else `output` if `is_done`.

    `refusal` is a fault that comes before any action is looked at. Output and custom status are JSON text.
    """

    actions: tuple[dict[str, Any], ...] = ()
    is_done: bool = False
    output: str | None = None
    custom_status: str | None = None
    fault: OrchestrationFault | None = None
    refusal: OrchestrationFault | None = None


def answered(name: str, text: str) -> Answer:
    """Read what the SDK returned."""
    try:
        state = _state(text)
    except ValueError:
        return Answer(refusal=refused_by_extension(name, _BAD_SCHEMA))
    return _answer(name, state, raised=False)


def raised(name: str, failure: FunctionFailed) -> Answer:
    """Read what the SDK put into its exception; without it the orchestration just fails."""
    text = sanitized(remote_message(failure.message, failure.stack))
    inner = text[text.find(_MESSAGE) + len(_MESSAGE) : text.find(_STACK)] if _STACK in text else ""
    _, label, data = inner.partition(_LABEL)
    if not label:
        return Answer(refusal=refused_by_extension(name, f"One or more errors occurred. ({text})"))
    try:
        state = _state(data)
    except ValueError:
        # The extension doesn't catch this one: it is neither prefixed nor reported as the orchestrator's own.
        return Answer(refusal=OrchestrationFault(_BAD_SCHEMA, f"Unhandled exception: {_BAD_SCHEMA}"))
    return _answer(name, state, raised=True)


def _state(text: str) -> dict[str, Any]:
    state = json.loads(text)
    if not isinstance(state, dict):
        raise ValueError(_BAD_SCHEMA)  # noqa: TRY004 - as bad as text that is no JSON
    return state


def _answer(name: str, state: dict[str, Any], *, raised: bool) -> Answer:
    custom_status = _serialized(state.get("customStatus"))
    if message := _too_big(custom_status):
        refusal = OrchestrationFault(message) if raised else refused_by_extension(name, message)
        return Answer(refusal=refusal)
    error = state.get("error")
    actions = state.get("actions") or [[]]
    return Answer(
        actions=tuple(actions[0]),
        is_done=bool(state.get("isDone")),
        output=_serialized(state.get("output")),
        custom_status=custom_status,
        fault=raised_by_orchestrator(name, str(error)) if error else None,
    )


def _serialized(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, dict) and next(iter(value), None) == "$type":
        # Newtonsoft takes a leading $type for metadata of its own and drops it.
        value = {key: inner for key, inner in value.items() if key != "$type"}
    return compact(value)


def _too_big(custom_status: str | None) -> str | None:
    size = len((custom_status or "").encode("utf-16-le", "surrogatepass")) / 1024
    if size <= _STATUS_LIMIT_KB:
        return None
    return (
        f"The UTF-16 size of the JSON-serialized payload must not exceed {_STATUS_LIMIT_KB} KB. "
        f"The current payload size is {size:,.0f} KB."
    )
