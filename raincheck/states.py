"""The states of a run, and how Durable's runtime status maps to them."""

from enum import StrEnum
from typing import Literal

__all__ = ["TERMINAL_EVENTS", "RunStatus", "TerminalEvent"]

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
