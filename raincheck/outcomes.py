"""How a run stands and ends: its states, the one document of its end, and its last event."""

import json
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict

from raincheck.events import Event
from raincheck.values.text import well_formed

__all__ = [
    "NOT_STARTED",
    "RESULT_LIMIT",
    "TERMINAL_EVENTS",
    "ErrorDetail",
    "Outcome",
    "RunStatus",
    "TerminalEvent",
    "fields_of",
    "terminal_event",
]

TerminalEvent = Literal["run.succeeded", "run.failed", "run.canceled"]


class RunStatus(StrEnum):
    """The `status` of a status document."""

    NOT_STARTED = "NotStarted"
    RUNNING = "Running"
    INPUT_REQUIRED = "InputRequired"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    CANCELED = "Canceled"

    @property
    def terminal(self) -> bool:
        """Whether nothing comes after it."""
        return self in TERMINAL_EVENTS


TERMINAL_EVENTS: dict[RunStatus, TerminalEvent] = {
    RunStatus.SUCCEEDED: "run.succeeded",
    RunStatus.FAILED: "run.failed",
    RunStatus.CANCELED: "run.canceled",
}

LONGEST_TEXT = 4_000  # characters: an error's text goes into rows, log lines and callbacks


def _plain(value: Any) -> str:
    """Build a text of whatever an author gave for one; an error must not fail over its own text."""
    try:
        text = str(value)
    except Exception:  # noqa: BLE001 - a text of an author's may raise anything
        text = type(value).__name__
    return well_formed(text)[:LONGEST_TEXT]


NOT_STARTED = "not_started"
"""The code of a run that never was: the one end after which its Idempotency-Key starts another."""


class ErrorDetail(BaseModel):
    """Why a run or a step did not succeed: `code` for programs, `message` for people, no stack, no secret."""

    code: Annotated[str, BeforeValidator(_plain)]
    message: Annotated[str, BeforeValidator(_plain)]


class Outcome(BaseModel):
    """How a run ended. Written once: as Durable's output, and as a row where something is owed."""

    model_config = ConfigDict(frozen=True)

    schema_version: Literal[1] = 1
    status: Literal[RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.CANCELED]
    result: Any = None
    error: ErrorDetail | None = None
    logged: bool = False  # whether its steps may have written to the event log

    @property
    def event(self) -> TerminalEvent:
        """The type of the run's terminal event."""
        return TERMINAL_EVENTS[self.status]

    @classmethod
    def succeeded(cls, result: Any) -> Self:
        """`result` is JSON-ready."""
        return cls(status=RunStatus.SUCCEEDED, result=result)

    @classmethod
    def failed(cls, code: str, message: str) -> Self:
        """Both reach the caller."""
        return cls(status=RunStatus.FAILED, error=ErrorDetail(code=code, message=message))

    @classmethod
    def canceled(cls, message: str = "The run was canceled.") -> Self:
        """A cancelled run has an error too, so that pollers that know only errors tell why."""
        return cls(status=RunStatus.CANCELED, error=ErrorDetail(code="canceled", message=message))


RESULT_LIMIT = 256 * 1024  # bytes of JSON; a larger result stays in Durable, and the log says so


def terminal_event(outcome: Outcome) -> Event:
    """Build the event as the log holds it: a large result is left out and marked `result_omitted`."""
    fields = fields_of(outcome)
    if outcome.status is RunStatus.SUCCEEDED and len(json.dumps(outcome.result)) > RESULT_LIMIT:
        fields = {"result_omitted": True}
    return Event(outcome.event, fields)


def fields_of(outcome: Outcome) -> dict[str, Any]:
    """Return the fields of the terminal event in full: `result`, `error`, or none where it was canceled."""
    if outcome.status is RunStatus.SUCCEEDED:
        return {"result": outcome.result}
    if outcome.status is RunStatus.FAILED and outcome.error is not None:
        return {"error": outcome.error.model_dump(mode="json")}
    return {}
