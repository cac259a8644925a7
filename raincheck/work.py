"""The handle of a running step: who it is, how to report, and whether it is still wanted."""

from typing import Any, Protocol

from raincheck.errors import StepStopped
from raincheck.models import Progress
from raincheck.values.shown import json_of
from raincheck.values.text import well_formed

__all__ = ["QuietWork", "Work", "checked_text", "progress_of"]

LONGEST_MESSAGE = 1_000  # characters: a custom status of more than 16 KB fails the orchestration


class Work(Protocol):
    """A running step's handle. Ask for it as the second parameter of a step.

    Everything reported is kept in the run's event log and can be streamed by its callers from any point.
    """

    @property
    def run_id(self) -> str:
        """The run, or sub-flow, that the step works for."""
        ...

    @property
    def attempt(self) -> int:
        """1, 2, …: which try this is."""
        ...

    @property
    def idempotency_key(self) -> str:
        """The same text for every attempt of this call, another for every other call: pass it on."""
        ...

    @property
    def stopping(self) -> bool:
        """True within 2 seconds of the run no longer wanting this step."""
        ...

    def raise_if_stopping(self) -> None:
        """Raise StepStopped once the run no longer wants this step."""
        ...

    async def text(self, delta: str) -> None:
        """Emit a piece of text: an `output.text.delta` event."""
        ...

    async def data(self, value: Any) -> None:
        """Emit a JSON-able value (or a pydantic model): an `output.data` event."""
        ...

    async def progress(self, percent: float | None = None, message: str | None = None) -> None:
        """Report how far the step is: a `step.progress` event. `percent` is 0 to 100."""
        ...


def progress_of(percent: float | None, message: str | None) -> Progress:
    """Build what a flow or a step says of how far it is; the first 1,000 characters of the message are kept.

    Raises:
        TypeError: the message is no text.
        pydantic.ValidationError: the percentage is none.
    """
    if message is not None:
        message = well_formed(checked_text(message, "progress"))[:LONGEST_MESSAGE]
    return Progress(percent=percent, message=message)


def checked_text(text: str, what: str) -> str:
    """Return a text, or refuse what is none.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(text, str):
        raise TypeError(f"{what} takes a str, not {type(text).__name__}")
    return text


class QuietWork:
    """A Work that goes nowhere but its own lists, for calling a step directly, e.g. in a test."""

    def __init__(self, *, step: str = "step", run_id: str = "test", attempt: int = 1) -> None:
        self.run_id = run_id
        self.attempt = attempt
        self.idempotency_key = f"{run_id}/{step}/1"
        self.stopping = False
        self.texts: list[str] = []
        self.values: list[Any] = []
        self.reports: list[tuple[float | None, str | None]] = []

    def raise_if_stopping(self) -> None:
        """Raise StepStopped where a test set `stopping`."""
        if self.stopping:
            raise StepStopped("The step was stopped.")

    async def text(self, delta: str) -> None:
        """Keep the piece in `texts`."""
        self.texts.append(checked_text(delta, "work.text"))

    async def data(self, value: Any) -> None:
        """Keep the value in `values`."""
        json_of(value)  # as a run would refuse it
        self.values.append(value)

    async def progress(self, percent: float | None = None, message: str | None = None) -> None:
        """Keep the report in `reports`."""
        progress_of(percent, message)
        self.reports.append((percent, message))
