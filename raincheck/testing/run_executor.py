"""Executes the tasks of one run of a play, and keeps what a replay of it needs."""

from datetime import datetime
from typing import Any

from raincheck.flow import Flow
from raincheck.payloads import Question, QuestionCall, RunInput, StepCall, StopRequest
from raincheck.step import Step
from raincheck.testing.memory_executor import MemoryExecutor, MemoryTask
from raincheck.testing.play_history import PlayHistory

__all__ = ["RunExecutor", "call_of_flow", "call_of_question", "call_of_step", "call_of_timer"]


def call_of_step(step: Step[Any, Any], call: StepCall) -> str:
    """Name a call in words that differ where the calls do."""
    return f"step {step.name} {call.input_json}"


def call_of_flow(flow: Flow[Any, Any], start: RunInput) -> str:
    """As above."""
    return f"flow {flow.name} {start.input_json}"


def call_of_question(question: Question) -> str:
    """As above."""
    return f"question {question.id} {question.prompt}"


def call_of_timer(at: datetime) -> str:
    """As above."""
    return f"timer {at.isoformat()}"


class RunExecutor:
    """One run's part of the memory that all runs of a play share."""

    context = None

    def __init__(self, memory: MemoryExecutor, history: PlayHistory) -> None:
        self.history = history
        self._memory = memory
        self._ids = history.ids()

    @property
    def now(self) -> datetime:
        """The time of the play: all runs have the same."""
        return self._memory.now

    def knows(self, step: Step[Any, Any]) -> bool:
        """All steps are there."""
        return self._memory.knows(step)

    def call_step(self, step: Step[Any, Any], call: StepCall) -> MemoryTask:
        """Call the step, or its replacement."""
        return self._noted(call_of_step(step, call), self._memory.call_step(step, call))

    def call_flow(self, flow: Flow[Any, Any], start: RunInput) -> MemoryTask:
        """Play the sub-flow, or give what the test gives in its place."""
        return self._noted(call_of_flow(flow, start), self._memory.call_flow(flow, start))

    def stop_steps(self, request: StopRequest) -> MemoryTask:
        """Nothing to tell."""
        return self._memory.stop_steps(request)

    def answer_to(self, question: Question) -> MemoryTask:
        """Let the test answer."""
        return self._noted(call_of_question(question), self._memory.answer_to(question))

    def open_question(self, call: QuestionCall) -> MemoryTask:
        """A test stores nothing and tells nobody."""
        return self._noted(call_of_timer(self.now), self._memory.open_question(call))

    def close_question(self, call: QuestionCall) -> MemoryTask:
        """Its time is up."""
        return self._noted(call_of_timer(self.now), self._memory.close_question(call))

    def timer(self, at: datetime) -> MemoryTask:
        """Build a timer."""
        return self._noted(call_of_timer(at), self._memory.timer(at))

    def adopt(self, raw: Any) -> MemoryTask:
        """Durable's own tasks need Durable."""
        return self._memory.adopt(raw)

    def uuid(self) -> str:
        """Return the run's next id."""
        return next(self._ids)

    def log(self, level: int, text: str) -> None:
        """Keep the line."""
        self._memory.log(level, text)

    def _noted(self, call: str, task: MemoryTask) -> MemoryTask:
        task.history, task.number = self.history, self.history.note_call(call)
        return task
