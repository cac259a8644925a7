"""The run, as its flow sees it: everything a flow may await."""

import logging
import sys
from collections.abc import Awaitable, Iterable
from datetime import datetime, timedelta
from typing import Any, Literal, NoReturn, TypeVar, overload

from pydantic import BaseModel
from pydantic.errors import PydanticUserError

from raincheck.answer_models import name_of_model, shape_of
from raincheck.driver.ask import Ask, run_ask
from raincheck.driver.durable_task import run_task
from raincheck.driver.gather import Winner, first, gather, read, shield
from raincheck.driver.guards import line_of
from raincheck.driver.operation import Operation
from raincheck.driver.questions import MAX_PROMPT
from raincheck.driver.state import RunState
from raincheck.driver.steps import run_step
from raincheck.driver.subflows import run_subflow
from raincheck.driver.timers import run_sleep
from raincheck.errors import FlowBug
from raincheck.flow_definition import Flow
from raincheck.shape import Shape, reason_of
from raincheck.step import Step
from raincheck.values.text import well_formed
from raincheck.work import progress_of

__all__ = ["Operation", "Run", "Winner"]

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
In = TypeVar("In")
M = TypeVar("M", bound=BaseModel)
Out = TypeVar("Out")
T = TypeVar("T")

AT_ONCE = 64  # branches of a gather under way by default; the host bounds the activities at work anyway


class Run:
    """A run under way. Its methods return operations: nothing happens until they are awaited or gathered."""

    def __init__(self, state: RunState) -> None:
        self._state = state
        self._driver = state.driver

    @property
    def id(self) -> str:
        """The run's id; a sub-flow's is its parent's and a number: `…:1`."""
        return self._state.id

    @property
    def now(self) -> datetime:
        """The run's own time (UTC): the same when replayed. Never use another clock in a flow."""
        return self._driver.executor.now

    @property
    def context(self) -> Any:
        """Durable's orchestration context, to make tasks for `run.durable`."""
        return self._driver.executor.context

    def uuid(self) -> str:
        """Return a random-looking id that is the same when replayed. Never make another in a flow."""
        return self._driver.executor.uuid()

    def log(self, text: str, level: int = logging.INFO) -> None:
        """Log a line once, not again when the flow is replayed."""
        self._driver.executor.log(level, well_formed(str(text)))

    def progress(self, percent: float | None = None, message: str | None = None) -> None:
        """Say how far the run is: `progress` of its status document. `percent` is 0 to 100.

        Of the message, the first 1,000 characters are kept.
        """
        self._state.progress = progress_of(percent, message)

    def step(self, step: Step[In, Out], value: In, /) -> Operation[Out]:
        """Do a step: the one way to do I/O.

        The operation raises, when awaited:
            StepFailed: the step said that trying again won't help, or has a bug.
            RetriesExhausted: every attempt failed.
            StepTimedOut: every attempt ran into the time limit.
        """
        self._check(step, Step, "run.step takes what @step made")
        if not self._driver.executor.knows(step):
            self._refuse(
                f"The step '{step.name}' isn't registered: define it at the top of a module "
                "in orchestrators/ or activities/"
            )
        payload = self._payload(step.input, value, f"step '{step.name}'")
        number = self._state.next_step()
        return Operation(
            self._driver, f"step {step.name}", lambda: run_step(self._state, step, number, payload)
        )

    def flow(self, flow: Flow[In, Out], value: In, /) -> Operation[Out]:
        """Do a whole other flow as part of this run, under an id of its own.

        The operation raises, when awaited:
            FlowFailed: the sub-flow failed; code and message are those of its outcome.
            FlowCanceled: the sub-flow was cancelled.
        """
        self._check(flow, Flow, "run.flow takes what @flow made")
        payload = self._payload(flow.input, value, f"flow '{flow.name}'")
        return Operation(self._driver, f"flow {flow.name}", lambda: run_subflow(self._state, flow, payload))

    def ask(
        self,
        prompt: str,
        model: type[M],
        /,
        *,
        timeout: timedelta | None = None,
        remind_every: timedelta | None = None,
    ) -> Operation[M]:
        """Ask a person: `answer = await run.ask("Approve?", Approval, timeout=timedelta(days=2))`.

        Args:
            prompt: what is asked, at most 100,000 characters.
            model: what the answer must fit, a pydantic model at the top of a module. An answer that doesn't
                fit is refused, and the question stays open.
            timeout: how long an answer is waited for; None: as long as it takes.
            remind_every: tell again that often, where the caller asked to be told of questions
                (a callback with `run.input_required`).

        The operation raises, when awaited:
            AnswerTimedOut: nobody answered in time.
            OutcomeError: `question_not_stored`, or `answer_invalid` (the model was changed meanwhile).
        """
        self._check(prompt, str, "run.ask takes the prompt as a string")
        name = name_of_model(model) if isinstance(model, type) and issubclass(model, BaseModel) else None
        if name is None:
            self._refuse(
                f"run.ask can't find {getattr(model, '__qualname__', model)!r} again when the answer comes: "
                "give it a pydantic model defined at the top of a module"
            )
        try:
            shape_of(model)
        except (ValueError, PydanticUserError) as error:
            text = str(error).partition("\n")[0]
            self._refuse(f"run.ask can't show the schema of {model.__qualname__}: {text}")
        if len(prompt) > MAX_PROMPT:
            self._refuse(f"run.ask takes a prompt of at most {MAX_PROMPT} characters, not {len(prompt)}")
        if any(time is not None and time <= timedelta(0) for time in (timeout, remind_every)):
            self._refuse("run.ask takes a positive timeout and remind_every, or None")
        ask = Ask(prompt, model, name, timeout, remind_every)
        return Operation(self._driver, f"question {prompt[:40]!r}", lambda: run_ask(self._state, ask))

    @overload
    def gather(self, items: Iterable[Awaitable[T]], /, *, limit: int = AT_ONCE) -> Operation[list[T]]: ...
    @overload
    def gather(
        self, a: Awaitable[A], b: Awaitable[B], /, *, limit: int = AT_ONCE
    ) -> Operation[tuple[A, B]]: ...
    @overload
    def gather(
        self, a: Awaitable[A], b: Awaitable[B], c: Awaitable[C], /, *, limit: int = AT_ONCE
    ) -> Operation[tuple[A, B, C]]: ...
    @overload
    def gather(
        self, a: Awaitable[A], b: Awaitable[B], c: Awaitable[C], d: Awaitable[D], /, *, limit: int = AT_ONCE
    ) -> Operation[tuple[A, B, C, D]]: ...
    @overload
    def gather(self, *items: Awaitable[T], limit: int = AT_ONCE) -> Operation[tuple[T, ...]]: ...
    def gather(self, *items: Any, limit: int = AT_ONCE) -> Operation[Any]:
        """Wait for all: `await run.gather(run.step(digest, d) for d in documents)`.

        Takes one iterable (returns a list) or several awaitables (returns a tuple), operations and coroutines
        alike. All are made now, and at most `limit` are under way at once. Results are in the order of the
        items. The first failure cancels the rest, waits for their clean-up and is raised.
        """
        if limit < 1:
            raise ValueError("limit must be at least 1")
        # read now, not as there is room: in a nested generator expression the outer variable moves on
        one = len(items) == 1 and not isinstance(items[0], Awaitable)
        awaitables = read(items[0]) if one else list(items)

        async def body() -> Any:
            results = await gather(self._driver, awaitables, limit)
            return results if one else tuple(results)

        return Operation(self._driver, "gather", body, awaitables)

    @overload
    def first(
        self, a: Awaitable[A], b: Awaitable[B], /
    ) -> Operation[Winner[A, Literal[0]] | Winner[B, Literal[1]]]: ...
    @overload
    def first(
        self, a: Awaitable[A], b: Awaitable[B], c: Awaitable[C], /
    ) -> Operation[Winner[A, Literal[0]] | Winner[B, Literal[1]] | Winner[C, Literal[2]]]: ...
    @overload
    def first(self, *items: Awaitable[T]) -> Operation[Winner[T, int]]: ...
    def first(self, *items: Awaitable[Any]) -> Operation[Any]:
        """Wait for the first to end: `winner = await run.first(a, b)`; the others are cancelled.

        Where `winner.which` is 0, `winner.value` is what `a` gave. If the first to end failed, its error is
        raised.
        """
        return Operation(self._driver, "first", lambda: first(self._driver, items), items)

    def shield(self, item: Awaitable[T], /) -> Operation[T]:
        """Do something to its end although the run is cancelled: what was begun can then be undone.

        A cancel that comes meanwhile is raised when it has ended: `except Canceled` finds done what was to be
        done. It ends with the grace period all the same.
        """
        return Operation(self._driver, "shield", lambda: shield(self._driver, item), [item])

    def sleep(self, duration: timedelta | float, /) -> Operation[None]:
        """Wait at least this long (a timedelta, or seconds), for days if need be; up to a second longer."""
        if not isinstance(duration, timedelta):
            duration = timedelta(seconds=duration)
        return Operation(self._driver, "sleep", lambda: run_sleep(self._state, duration))

    def durable(self, task: Any, /) -> Operation[Any]:
        """Await a task made with `run.context`: an activity, a sub-orchestration, an external event, a timer
        of less than 3 days, or `task_all`/`task_any` of these. Each event needs a name of its own.
        """  # noqa: D205 - one sentence
        return Operation(self._driver, "durable task", lambda: run_task(self._state, task))

    def _check(self, value: Any, kind: type[Any], rule: str) -> None:
        if not isinstance(value, kind):
            self._refuse(f"{rule}, not {type(value).__name__}")

    def _payload(self, shape: Shape[Any], value: Any, target: str) -> Any:
        try:
            return shape.dump(value)
        except (ValueError, RecursionError) as error:
            self._refuse(f"The input of the {target} is refused: {reason_of(error)}")

    def _refuse(self, text: str) -> NoReturn:
        bug = FlowBug(f"{text} (at {line_of(sys._getframe(1))}).")  # noqa: SLF001 - the one way to name the line
        self._driver.note_bug(bug)
        raise bug
