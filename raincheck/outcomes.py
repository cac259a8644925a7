"""How a run ended: the one document that Durable's output, the outcome row and every answer come from."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict

from raincheck.states import TERMINAL_EVENTS, RunStatus, TerminalEvent

__all__ = ["NOT_STARTED", "ErrorDetail", "Outcome"]


LONGEST_TEXT = 4_000  # characters: an error's text goes into rows, log lines and callbacks


def _plain(value: Any) -> str:
    """Make a text of whatever an author gave for one; an error must not fail over its own text."""
    return str(value).encode(errors="replace").decode()[:LONGEST_TEXT]


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
