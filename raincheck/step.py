"""Steps: the work of a flow. A step is any async (or plain) function of one typed input; it may do any I/O.

@step(retry=Retry(attempts=5))
async def place_order(order: LaptopOrder, work: Work) -> Receipt: ...
"""

import asyncio
import inspect
from collections.abc import Callable, Coroutine
from datetime import timedelta
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar, overload

from raincheck.definitions import Definition, checked_function, checked_name, place_of, shapes_of
from raincheck.driver.guards import refuse_in_flow
from raincheck.errors import StepEscaped
from raincheck.retry import Retry
from raincheck.shape import Shape
from raincheck.signatures import Fit, fit_of, hidden_coroutine, positional, shown
from raincheck.work import QuietWork, Work

__all__ = ["Step", "step"]

In = TypeVar("In")
Out = TypeVar("Out")
In_contra = TypeVar("In_contra", contravariant=True)
Out_co = TypeVar("Out_co", covariant=True)
DEFAULT_TIME_LIMIT = timedelta(minutes=10)


class Step(Definition, Generic[In_contra, Out_co]):
    """A step: what `@step` makes of a function. Use it in a flow as `await run.step(this, value)`."""

    def __init__(
        self, function: Callable[..., Any], *, name: str | None, retry: Retry, time_limit: timedelta
    ) -> None:
        self.function = checked_function(function, "@step")
        self.place = place_of(function)
        self.name = checked_name(function.__name__ if name is None else name, "step", self.place)
        self.retry = retry
        self.time_limit = time_limit
        self.description = inspect.getdoc(function) or ""
        self.is_async = inspect.iscoroutinefunction(function)
        self._parameter, self.takes_work = self._checked_signature()
        self._check_options()
        self.note_made()

    def _checked_signature(self) -> tuple[str, bool]:
        """Return the name of the input, and whether the Work comes after it."""
        function, name = self.function, self.name
        self.check_place()
        if hidden_coroutine(function):
            raise self.refused(
                "has a decorator below @step that is a plain function around an async one: what it "
                "returns is a "
                "coroutine that nobody awaits. Write the decorator's inner function as async def, and "
                "await in it"
            )
        parameters = list(inspect.signature(function).parameters.values())
        model = f"async def {name}(value: Input, work: Work) -> Result. Put several values into a model"
        if len(parameters) not in (1, 2) or not positional(parameters):
            raise self.refused(
                f"must take one input and, if it wants, its Work, not {shown(parameters)}: {model}"
            )
        if inspect.isasyncgenfunction(function) or inspect.isgeneratorfunction(function):
            raise self.refused(
                "must return its result, not yield it: return a list, or emit with work.data(…)"
            )
        if fit_of(function, parameters[0], "Work") is Fit.YES:
            swapped = len(parameters) > 1
            raise self.refused(
                f"takes its Work first{', then the input' if swapped else ' and no input'}. Write the "
                "input first: "
                f"async def {name}(value: Input, work: Work) -> Result"
            )
        if len(parameters) > 1 and fit_of(function, parameters[1], "Work") is Fit.NO:
            raise self.refused(
                f"must take one input, not two: a second parameter is its Work, and {parameters[1].name!r} "
                f"isn't. Put several values into a model: async def {name}(value: Input) -> Result"
            )
        if len(parameters) > 1 and not self.is_async:
            raise self.refused(
                f"takes a Work, so it must be async: async def {name} (asyncio.to_thread runs the part "
                "that blocks)"
            )
        return parameters[0].name, len(parameters) > 1

    def _check_options(self) -> None:
        retry: object = self.retry
        limit: object = self.time_limit
        if not isinstance(retry, Retry):
            attempts = retry if isinstance(retry, int) else 5
            raise self.refused(f"has retry={retry!r}. Write retry=Retry(attempts={attempts})")
        if not isinstance(limit, timedelta):
            seconds = limit if isinstance(limit, int | float) else 600
            raise self.refused(f"has time_limit={limit!r}. Write time_limit=timedelta(seconds={seconds})")
        if limit <= timedelta(0):
            raise self.refused(f"has a time limit of {limit}; it must be positive")

    @cached_property
    def shapes(self) -> tuple[Shape[Any], Shape[Out_co]]:
        """Input and result; made on first use, when all types of the module are there."""
        return shapes_of(self.function, self._parameter, f"the step '{self.name}'")

    @property
    def input(self) -> Shape[Any]:
        """What it takes."""
        return self.shapes[0]

    @property
    def result(self) -> Shape[Out_co]:
        """What it returns."""
        return self.shapes[1]

    async def __call__(self, value: In_contra, work: Work | None = None) -> Out_co:
        """Run the step itself, here and now, as a test or another step would. Never in a flow."""
        refuse_in_flow(f"run.step({self.name}, …)")
        if self.is_async:
            args = (value, work or QuietWork(step=self.name)) if self.takes_work else (value,)
            result: Out_co = await self.function(*args)
        else:
            result = await asyncio.to_thread(self._blocking, value)
            if inspect.iscoroutine(result):  # of a function that is async in disguise
                result.close()
                raise TypeError(f"The step '{self.name}' returned a coroutine: write it as async def.")
        return result

    async def contained(self, value: In_contra, work: Work) -> Out_co:
        """Run the step; what would end the worker, or leave it unanswered, comes as an error like any other.

        Raises:
            StepEscaped: it raised SystemExit, KeyboardInterrupt, GeneratorExit, or another of that kind.
        """
        task = asyncio.current_task()
        try:
            return await self(value, work)
        except (Exception, asyncio.CancelledError):
            raise
        except BaseException as error:
            if isinstance(error, GeneratorExit) and not _runs(task):  # closed from outside, with its loop
                raise
            raise StepEscaped(f"The step raised {type(error).__name__}.") from error

    def _blocking(self, value: In_contra) -> Any:
        try:
            return self.function(value)
        except StopIteration as error:  # can't cross from a thread: the one who waits would wait for ever
            raise RuntimeError("The step raised StopIteration.") from error

    def __repr__(self) -> str:
        return f"<step {self.name}>"


def _runs(task: "asyncio.Task[Any] | None") -> bool:
    try:
        return asyncio.current_task() is task
    except RuntimeError:  # no loop runs
        return False


class StepDecorator(Protocol):
    """What `@step(...)` returns: it makes a Step of a function."""

    @overload
    def __call__(self, function: Callable[[In, Work], Coroutine[Any, Any, Out]], /) -> Step[In, Out]: ...
    @overload
    def __call__(self, function: Callable[[In], Coroutine[Any, Any, Out]], /) -> Step[In, Out]: ...
    @overload
    def __call__(self, function: Callable[[In], Out], /) -> Step[In, Out]: ...
    def __call__(self, function: Callable[..., Any], /) -> Any:
        """Build the step."""
        ...


@overload
def step(function: Callable[[In, Work], Coroutine[Any, Any, Out]], /) -> Step[In, Out]: ...
@overload
def step(function: Callable[[In], Coroutine[Any, Any, Out]], /) -> Step[In, Out]: ...
@overload
def step(function: Callable[[In], Out], /) -> Step[In, Out]: ...
@overload
def step(
    *, name: str | None = None, retry: Retry | None = None, time_limit: timedelta = DEFAULT_TIME_LIMIT
) -> StepDecorator: ...
def step(
    function: Callable[..., Any] | None = None,
    /,
    *,
    name: str | None = None,
    retry: Retry | None = None,
    time_limit: timedelta = DEFAULT_TIME_LIMIT,
) -> Any:
    """Build a step of a function: `@step`, or e.g. `@step(retry=Retry(attempts=5))`.

    Args:
        function: one typed input, optionally a Work, and a typed result, all JSON-able by pydantic.
        name: how it is registered and shown; the function's name by default. Unique in the app.
        retry: how often it is tried; 3 times by default. `Retry(attempts=1)` never tries again.
        time_limit: of one attempt, 10 minutes by default; below the host's functionTimeout.

    Raises:
        DefinitionError: the signature is not a step's; file and line are in the text.
    """

    def decorate(target: Callable[..., Any]) -> Step[Any, Any]:
        return Step(target, name=name, retry=Retry() if retry is None else retry, time_limit=time_limit)

    return decorate if function is None else decorate(function)
