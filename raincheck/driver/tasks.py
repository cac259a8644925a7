"""The port between the driver and what executes its tasks."""

from datetime import datetime
from typing import Any, Protocol

from raincheck.flow_definition import Flow
from raincheck.payloads import Question, QuestionCall, RunInput, StepCall, StopRequest
from raincheck.step import Step

__all__ = ["Executor", "Task"]


class Task(Protocol):
    """Something under way. It changes only between two steps of the driver, never during one."""

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        ...

    @property
    def failed(self) -> bool:
        """Whether it ended with an error; then `value` is its text, for logs only."""
        ...

    @property
    def value(self) -> Any:
        """The result, as JSON gave it."""
        ...

    def cancel(self) -> None:
        """Cancel a timer; nothing happens to anything else."""
        ...


class Executor(Protocol):
    """Makes tasks. Everything it returns must be the same when the flow is replayed."""

    @property
    def now(self) -> datetime:
        """The run's own time, UTC and aware."""
        ...

    @property
    def context(self) -> Any:
        """What executes underneath: Durable's orchestration context. None in a unit test."""
        ...

    def knows(self, step: Step[Any, Any]) -> bool:
        """Whether the step is registered; calling one that is not would hang."""
        ...

    def call_step(self, step: Step[Any, Any], call: StepCall) -> Task:
        """Call a step's activity; the value is a StepReport."""
        ...

    def call_flow(self, flow: Flow[Any, Any], start: RunInput) -> Task:
        """Start a sub-flow whose instance id is `start.run_id`; the value is an Outcome."""
        ...

    def stop_steps(self, request: StopRequest) -> Task:
        """Stop steps and sub-flows that are no longer wanted."""
        ...

    def answer_to(self, question: Question) -> Task:
        """Wait for the event that brings the answer: once a question; the value is an Answer."""
        ...

    def open_question(self, call: QuestionCall) -> Task:
        """Store a question, or start the callback that tells of it."""
        ...

    def close_question(self, call: QuestionCall) -> Task:
        """Let nobody answer any more; the value is the Answer that stands."""
        ...

    def timer(self, at: datetime) -> Task:
        """Wait until `at`, less than 3 days away."""
        ...

    def adopt(self, raw: Any) -> Task:
        """Take a task that the flow made itself, for `run.durable`.

        Raises:
            FlowBug: its kind is one that can't be awaited; the text says what to use instead.
        """
        ...

    def uuid(self) -> str:
        """Return an id that is the same when replayed."""
        ...

    def log(self, level: int, text: str) -> None:
        """Log once, not again when replayed."""
        ...
