"""What has changed between a recorded history and today's code, in a person's words."""

import json
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from raincheck.payloads import CANCEL_EVENT, CLOSE_QUESTION, OPEN_QUESTION, STOP_STEPS
from raincheck.testing.actions import ACTIVITY, EVENT, SUB_FLOW, TIMER, leaves, uncanceled

__all__ = ["difference", "flow_gone", "other_end", "restless", "version_gone"]

SHOWN = 200  # characters of a value
NEVER_DEPLOYED = "where it was never deployed, record anew: make record"
OURS = {
    OPEN_QUESTION: "tell of a question",
    CLOSE_QUESTION: "the time of a question is up",
    STOP_STEPS: "stop steps",
}


def difference(flow: str, version: int, recorded: Sequence[Any], today: Sequence[Any]) -> str | None:
    """Say what a flow asks for otherwise than in its history; None where that is the same."""
    if uncanceled(recorded) == uncanceled(today):
        return None
    then, now = [_lines(actions) for actions in (recorded, today)]
    first = next((n for n, (old, new) in enumerate(zip_longest(then, now)) if old != new), None)
    if first is None:
        return (
            f"{flow} takes the same steps as in its recorded history, but waits for them together in another "
            f"way. {_advice(version)}"
        )
    old, new = [lines[first] if first < len(lines) else ("nothing more", "") for lines in (then, now)]
    if old[0] == new[0] and [line[0] for line in then] == [line[0] for line in now]:
        return (
            f"{flow} takes the same steps as in its recorded history, but number {first + 1}, {old[0]}, "
            f"another input.\n  recorded: {_cut(old[1])}\n  now:      {_cut(new[1])}\n"
            "Runs under way go on; if this is what you meant, record anew: make record"
        )
    return (
        f"{flow} no longer does what runs under way were started with.\n"
        f"  recorded: {_row(then)}\n  now:      {_row(now)}\n"
        f"Number {first + 1} was: {old[0]}; it is now: {new[0]}.\n{_advice(version)}"
    )


def other_end(flow: str, recorded: Any, today: Any) -> str:
    """Say that the same steps lead to another end: a failure, say, where it succeeded."""
    return (
        f"{flow} takes the same steps as in its recorded history, and ends in another way.\n"
        f"  recorded: {_cut(_outcome(recorded))}\n  now:      {_cut(_outcome(today))}\n"
        "Runs under way will end like this, too; if this is what you meant, record anew: make record"
    )


def flow_gone(flow: str) -> str:
    """Say that there is a recording, but no flow."""
    return (
        f"There is a recorded history of the flow '{flow}', but no such flow any more: a run that is under "
        "way would end Failed (flow_gone). Put it back; or, where no run of it is left, remove its history "
        "as well: make record"
    )


def version_gone(flow: str, version: int, newest: int) -> str:
    """Say that there is a recording of a version that is no longer there."""
    return (
        f"There is a recorded history of {flow} in version {version}, but that version is gone (the newest "
        f"is {newest}): a run of it that is under way would end Failed (version_gone). Keep the old flow "
        f'beside the new one, @flow(name="{flow}", version={version}); or, where no run of it is left, '
        "record anew: make record"
    )


def restless(flow: str) -> str:
    """Say that a flow isn't the same from one replay to the next."""
    return (
        f"{flow} asks for other steps the second time it is replayed. A flow must not look at a clock, at "
        "random numbers, or at anything that lasts from run to run: use run.now and run.uuid(), or a step."
    )


def _advice(version: int) -> str:
    return (
        "A run that waits in the cloud goes on with this code, and its history would no longer fit. Raise "
        f"the flow's version to {version + 1} and keep the old one beside it; or, {NEVER_DEPLOYED}"
    )


def _lines(actions: Sequence[Any]) -> list[tuple[str, str]]:
    """Name what a flow asks for in its order, with the input, if it has one."""
    lines = [_line(action) for action in leaves(actions, (ACTIVITY, SUB_FLOW, TIMER, EVENT))]
    return [line for line in lines if line[0] != CANCEL_EVENT]


def _line(action: dict[str, Any]) -> tuple[str, str]:
    kind = action["actionType"]
    if kind == TIMER:
        return "wait", f"until {action['fireAt']}"
    if kind == EVENT:
        name = str(action["externalEventName"])
        return (f"ask ({name[6:]})" if name.startswith("input:") else name), ""
    value = json.loads(action["input"])
    text = str(value.get("input_json", value)) if isinstance(value, dict) else str(value)
    if kind == SUB_FLOW:
        return f"flow {value['flow'] if isinstance(value, dict) else action['functionName']}", text
    return OURS.get(action["functionName"], f"step {action['functionName']}"), text


def _row(lines: list[tuple[str, str]]) -> str:
    return ", ".join(f"{number}. {name}" for number, (name, _) in enumerate(lines, 1)) or "nothing"


def _outcome(output: Any) -> str:
    if isinstance(output, dict) and "status" in output:
        output = output.get("result") if output["status"] == "Succeeded" else output.get("error")
    return json.dumps(output, ensure_ascii=False)


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
