"""Plays a flow a second time with what is known from the first, as Durable does after every wait."""

from datetime import datetime
from typing import Any

from raincheck.driver.driver import Driver
from raincheck.driver.outcomes import outcome_of
from raincheck.driver.state import RunState
from raincheck.errors import FlowBug
from raincheck.flow import Flow
from raincheck.outcomes import Outcome
from raincheck.payloads import Question, QuestionCall, RunInput, StepCall, StopRequest, from_json
from raincheck.run import Run
from raincheck.step import Step
from raincheck.testing.play_history import End, PlayHistory
from raincheck.testing.run_executor import call_of_flow, call_of_question, call_of_step, call_of_timer

__all__ = ["otherwise", "replay"]

SHOWN = 160  # characters of a call


class KnownTask:
    """A task whose end is known."""

    def __init__(self) -> None:
        self.done = False
        self.failed = False
        self.value: Any = None

    def cancel(self) -> None:
        """A timer that nobody waits for any more."""


class ReplayExecutor:
    """Holds each call of the flow against the one that it made there before."""

    context = None

    def __init__(self, history: PlayHistory) -> None:
        self.now = history.begun
        self.tasks: list[KnownTask] = []
        self.change: str | None = None
        self._history = history
        self._ids = history.ids()

    def knows(self, step: Step[Any, Any]) -> bool:  # noqa: ARG002 - a test needs no registry
        """All steps are there."""
        return True

    def call_step(self, step: Step[Any, Any], call: StepCall) -> KnownTask:
        """Return what the step gave."""
        return self._called(call_of_step(step, call))

    def call_flow(self, flow: Flow[Any, Any], start: RunInput) -> KnownTask:
        """Return how the sub-flow ended."""
        return self._called(call_of_flow(flow, start))

    def stop_steps(self, request: StopRequest) -> KnownTask:
        """As in the first play."""
        raise NotImplementedError(request)

    def answer_to(self, question: Question) -> KnownTask:
        """Return what was answered."""
        return self._called(call_of_question(question))

    def open_question(self, call: QuestionCall) -> KnownTask:  # noqa: ARG002 - a test needs no storage
        """Nobody is told a second time."""
        return self.timer(self.now)

    def close_question(self, call: QuestionCall) -> KnownTask:  # noqa: ARG002 - as above
        """What stood for it stands."""
        return self.timer(self.now)

    def timer(self, at: datetime) -> KnownTask:
        """Fire when it fired."""
        return self._called(call_of_timer(at))

    def adopt(self, raw: Any) -> KnownTask:
        """As in the first play."""
        raise FlowBug(f"A unit test can't await {type(raw).__name__}: run.durable needs a host.")

    def uuid(self) -> str:
        """Return the same ids in the same order."""
        return next(self._ids)

    def log(self, level: int, text: str) -> None:
        """Say nothing a second time."""

    def end(self, end: End) -> None:
        """Let a task end as it did."""
        if end.number is not None and end.number < len(self.tasks):
            task = self.tasks[end.number]
            task.done, task.value = True, end.value
        self.now = end.now

    def changed(self) -> str | None:
        """Return what the flow did otherwise, in words; None where it did the same."""
        missing = self._history.calls[len(self.tasks) :]
        return self.change or (f"first {_short(missing[0])}, then nothing" if missing else None)

    def _called(self, call: str) -> KnownTask:
        number, calls = len(self.tasks), self._history.calls
        before = calls[number] if number < len(calls) else "nothing"
        if call != before:
            self.change = self.change or f"first {_short(before)}, then {_short(call)}"
        task = KnownTask()
        self.tasks.append(task)
        return task


def replay(flow: Flow[Any, Any], start: RunInput, history: PlayHistory, *, inside: bool) -> Outcome:
    """Play it again; return how that ended.

    Raises:
        AssertionError: the flow decides otherwise: in the cloud, the run would go wrong.
    """
    executor = ReplayExecutor(history)
    driver = Driver(executor)
    driver.start(flow.body(Run(RunState(driver, start)), flow.input.parse(from_json(start.input_json))))
    try:
        for ends in history.turns:
            if executor.change or driver.ended:
                break
            for end in ends:
                executor.end(end)
                if end.number is None:
                    driver.cancel_flow()
            driver.advance()
    finally:
        driver.leave()
    if change := executor.changed():
        raise AssertionError(otherwise(flow.name, change))
    return outcome_of(flow, *driver.result, inside=inside)


def otherwise(flow: str, change: str) -> str:
    """Say that a flow is not the same when it is replayed."""
    return (
        f"the flow '{flow}' does something else when it is replayed: {change}. It must decide by its "
        "input and by what its steps gave: take run.now and run.uuid(), and a step for anything else"
    )


def _short(call: str) -> str:
    return call if len(call) <= SHOWN else f"{call[:SHOWN]}…"
