"""Executes a flow's tasks in an event loop: steps are really called, time passes at once."""

import asyncio
import itertools
import uuid
from collections.abc import Awaitable
from datetime import datetime
from typing import Any

from raincheck.errors import FlowBug
from raincheck.payloads import (
    Answer,
    Question,
    QuestionCall,
    RunInput,
    StepCall,
    StopRequest,
)
from raincheck.step import Step
from raincheck.testing.attempt import Replacement, attempt
from raincheck.testing.given_answers import GivenAnswers
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
        self.future = asyncio.ensure_future(work) if work is not None else None

    def cancel(self) -> None:
        """Never fire."""
        self.canceled = True


class MemoryExecutor:
    """Executes a flow's tasks in this event loop, one end at a time, in the order they were made."""

    context = None

    def __init__(
        self,
        replaced: dict[Step[Any, Any], Replacement],
        answers: GivenAnswers,
        played: Played[Any],
        now: datetime,
    ) -> None:
        self.now = now
        self.ended = 0
        self.names: dict[int, str] = {}
        self._replaced = replaced
        self._answers = answers
        self._failure: AssertionError | None = None  # raised where no flow can catch it
        self._played = played
        self._order = itertools.count()
        self._tasks: list[MemoryTask] = []
        self._uuids = itertools.count()
        self.history = PlayHistory()

    def knows(self, step: Step[Any, Any]) -> bool:  # noqa: ARG002 - a test needs no registry
        """All steps are there."""
        return True

    def call_step(self, step: Step[Any, Any], call: StepCall) -> MemoryTask:
        """Call the step, or its replacement."""
        self._played.steps.append(step.name)
        self.names[call.step] = step.name
        self.history.note_call(f"step {step.name} {call.input_json}")
        return self._made(self._report(step, call))

    def call_flow(self, start: RunInput) -> MemoryTask:
        """Sub-flows are played as flows of their own; replace their steps, or test them by themselves."""
        raise FlowBug(f"A unit test can't run the sub-flow '{start.flow}': test it by itself.")

    def stop_steps(self, request: StopRequest) -> MemoryTask:
        """Nothing to tell: what is dropped is seen in `Played.stopped`."""
        raise NotImplementedError(request)

    def answer_to(self, question: Question) -> MemoryTask:
        """Let the test answer: at once, once no step is under way any more."""
        self._played.questions.append(question.prompt)
        self.history.note_call(f"question {question.id} {question.prompt}")
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
        self.history.note_call(f"timer {at.isoformat()}")
        return self._made(None, at)

    def adopt(self, raw: Any) -> MemoryTask:
        """Durable's own tasks need Durable."""
        raise FlowBug(f"A unit test can't await {type(raw).__name__}: run.durable needs a host.")

    def uuid(self) -> str:
        """Return the next id: the same in every test."""
        return str(uuid.UUID(int=next(self._uuids)))

    def log(self, level: int, text: str) -> None:  # noqa: ARG002 - a test reads the text
        """Keep the line."""
        self._played.logs.append(text)

    async def next_end(self, waited: list[Any]) -> None:
        """Let one of the tasks end: work before answers and timers, the earliest of those first.

        Raises:
            AssertionError: the test doesn't say what somebody answers, or nothing can happen any more.
        """
        if self._failure:
            raise self._failure
        pending = [t for t in waited if not t.done]
        futures = [t.future for t in pending if t.future is not None]
        if futures:
            await asyncio.wait(futures, return_when=asyncio.FIRST_COMPLETED)
            task = min((t for t in pending if t.future and t.future.done()), key=lambda t: t.order)
            task.value = task.future.result()
            self.ended += 1
        else:
            timed = [t for t in pending if t.at is not None]
            if not timed:
                raise AssertionError("the flow waits for an answer without a timeout, and nobody answers")
            task = min(timed, key=lambda t: (t.at, t.order))
            self.now = max(self.now, task.at)
        task.done = True
        self.history.note_end(task.order, task.value, self.now)

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

    async def _report(self, step: Step[Any, Any], call: StepCall) -> Any:
        report, texts = await attempt(step, call, self._replaced.get(step))
        self._played.texts += texts
        return report.dumped()
