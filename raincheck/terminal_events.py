"""The event that a run's log ends with, and the result that it may leave out."""

import json
from typing import Any

from raincheck.events import Event
from raincheck.outcomes import Outcome
from raincheck.states import RunStatus

__all__ = ["RESULT_LIMIT", "fields_of", "terminal_event"]

RESULT_LIMIT = 256 * 1024  # bytes of JSON; a larger result stays in Durable, and the log says so


def terminal_event(outcome: Outcome) -> Event:
    """Make the event as the log holds it: a large result is left out and marked `result_omitted`."""
    fields = fields_of(outcome)
    if outcome.status is RunStatus.SUCCEEDED and len(json.dumps(outcome.result)) > RESULT_LIMIT:
        fields = {"result_omitted": True}
    return Event(outcome.event, fields)


def fields_of(outcome: Outcome) -> dict[str, Any]:
    """Give the fields of the terminal event in full: `result`, `error`, or nothing where it was canceled."""
    if outcome.status is RunStatus.SUCCEEDED:
        return {"result": outcome.result}
    if outcome.status is RunStatus.FAILED and outcome.error is not None:
        return {"error": outcome.error.model_dump(mode="json")}
    return {}
