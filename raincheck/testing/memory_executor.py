"""Executes a flow's tasks in an event loop: steps are really called, time passes at once."""

import asyncio
import itertools
from collections.abc import Awaitable, Mapping
from datetime import datetime
from typing import Any

from raincheck.errors import FlowBug
from raincheck.flow import Flow
from raincheck.payloads import (
    Answer,
    Question,
    QuestionCall,
    RunInput,
    StepCall,
    StopRequest,
)
from raincheck.step import Step
from raincheck.testing.attempt import TIMES_OUT, Replacement, attempt
from raincheck.testing.given_answers import GivenAnswers
from raincheck.testing.given_outcomes import given_outcome
from raincheck.testing.play_history import PlayHistory
from raincheck.testing.played import Played

__all__ = ["MemoryExecutor"]


class MemoryTask:
    """A task that is a coroutine under way, or a timer that fires when nothing else can happen."""

    def __init__(self, order: int, work: Awaitable[Any] | None, at: datetime | None = None) -> None:
        self.order = order
        self.at = at
        self.done = False
        self.failed = False
        self.value: Any = None
        self.canceled = False
        self.is_attempt = False  # of a step
        self.history: PlayHistory | None = None  # of the run that it is a call of
        self.number = 0  # among the calls of that run
        self.future = asyncio.ensure_future(work) if work is not None else None

    def cancel(self) -> None:
        """Never fire."""
        self.canceled = True

    def end(self, value: Any, now: datetime) -> None:
        """Let it end, and its run remember that."""
        self.value, self.done = value, True
        if self.history is not None:
            self.history.note_end(self.number, value, now)


class MemoryExecutor:
    """Executes the tasks of all runs in this event loop, one end at a time, in the order they were made."""

    context = None

    def __init__(
        self,
        replaced: Mapping[Step[Any, Any], Replacement],
        flows: Mapping[Flow[Any, Any], Any],
        answers: GivenAnswers,
        played: Played[Any],
        now: datetime,
    ) -> None:
        self.now = now
        self.ended = 0  # attempts of steps
        self.names: dict[tuple[str, int], str] = {}
        self.begun: list[Step[Any, Any]] = []
        self.subflows: list[tuple[Flow[Any, Any], RunInput, MemoryTask]] = []  # to be begun
        self._replaced = replaced
        self._flows = flows
        self._answers = answers
        self._failure: AssertionError | None = None  # raised where no flow can catch it
        self._played = played
        self._order = itertools.count()
        self._tasks: list[MemoryTask] = []

    def knows(self, step: Step[Any, Any]) -> bool:  # noqa: ARG002 - a test needs no registry
        """All steps are there."""
        return True

    def call_step(self, step: Step[Any, Any], call: StepCall) -> MemoryTask:
        """Call the step, or its replacement."""
        self._played.steps.append(step.name)
        self.names[call.run_id, call.step] = step.name
        self.begun.append(step)
        self._check_replaced(step, self._replaced, "steps=")
        replacement = self._replaced.get(step)
        report = self._report(step, call, replacement)
        late = replacement is TIMES_OUT
        task = self._made(report, self.now + step.time_limit if late else None)
        task.is_attempt = True
        return task

    def call_flow(self, flow: Flow[Any, Any], start: RunInput) -> MemoryTask:
        """Play the sub-flow, or give what the test gives in its place."""
        self._check_replaced(flow, self._flows, "flows=")
        if flow in self._flows:
            return self._made(given_outcome(flow, start, self._flows[flow]))
        task = self._made(None)
        self.subflows.append((flow, start, task))
        return task

    def stop_steps(self, request: StopRequest) -> MemoryTask:
        """Nothing to tell: what is dropped is seen in `Played.stopped`."""
        raise NotImplementedError(request)

    def answer_to(self, question: Question) -> MemoryTask:
        """Let the test answer: at once, once no step is under way any more."""
        self._played.questions.append(question.prompt)
        try:
            answer = self._answers.to(question)
        except AssertionError as error:
            self._failure = error
            answer = None
        task = self._made(None, self.now if answer else None)
        task.value = answer.dumped() if answer else None
        return task

    def open_question(self, call: QuestionCall) -> MemoryTask:  # noqa: ARG002 - a test needs no storage
        """A test stores nothing and tells nobody."""
        return self.timer(self.now)

    def close_question(self, call: QuestionCall) -> MemoryTask:  # noqa: ARG002 - as above
        """Its time is up, since an answer would have been faster."""
        task = self.timer(self.now)
        task.value = Answer(kind="timed_out").dumped()
        return task

    def timer(self, at: datetime) -> MemoryTask:
        """Build a timer."""
        return self._made(None, at)

    def adopt(self, raw: Any) -> MemoryTask:
        """Durable's own tasks need Durable."""
        raise FlowBug(f"A unit test can't await {type(raw).__name__}: run.durable needs a host.")

    def log(self, level: int, text: str) -> None:  # noqa: ARG002 - a test reads the text
        """Keep the line."""
        self._played.logs.append(text)

    def take_subflows(self) -> list[tuple[Flow[Any, Any], RunInput, MemoryTask]]:
        """Return the sub-flows that are to be begun now."""
        subflows, self.subflows = self.subflows, []
        return subflows

    async def next_end(self, waited: list[Any]) -> None:
        """Let one of the tasks end: work before answers and timers, the earliest of those first.

        Raises:
            AssertionError: the test doesn't say what somebody answers, or nothing can happen any more.
        """
        if self._failure:
            raise self._failure
        pending = [t for t in waited if not t.done]
        futures = [t.future for t in pending if t.future is not None and t.at is None]
        if futures:
            await asyncio.wait(futures, return_when=asyncio.FIRST_COMPLETED)
            task = min((t for t in pending if t.future in futures and t.future.done()), key=lambda t: t.order)
        else:
            timed = [t for t in pending if t.at is not None]
            if not timed:
                raise AssertionError("the flow waits for an answer without a timeout, and nobody answers")
            task = min(timed, key=lambda t: (t.at, t.order))
            self.now = max(self.now, task.at)
        value = task.value if task.future is None else await task.future
        self.ended += task.is_attempt
        task.end(value, self.now)

    async def close(self) -> None:
        """Stop what the flow left under way."""
        futures = [t.future for t in self._tasks if t.future is not None and not t.future.done()]
        for future in futures:
            future.cancel()
        await asyncio.gather(*futures, return_exceptions=True)

    def _made(self, work: Awaitable[Any] | None, at: datetime | None = None) -> MemoryTask:
        task = MemoryTask(next(self._order), work, at)
        self._tasks.append(task)
        return task

    def _check_replaced(self, one: Any, replaced: Mapping[Any, Any], where: str) -> None:
        """Refuse a replacement that would not be used: another step, or flow, has that name."""
        if one not in replaced and any(each.name == one.name for each in replaced):
            self._failure = self._failure or AssertionError(
                f"{where} replaces another '{one.name}' than the flow uses: import it from where the "
                "flow does"
            )

    async def _report(
        self, step: Step[Any, Any], call: StepCall, replacement: Replacement | None
    ) -> dict[str, Any]:
        report, texts = await attempt(step, call, replacement)
        self._played.texts += texts
        return report.dumped()
