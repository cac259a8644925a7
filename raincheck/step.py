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

from raincheck.definitions import checked_function, checked_name, place_of, shapes_of
from raincheck.driver.guards import refuse_in_flow
from raincheck.errors import DefinitionError
from raincheck.retry import Retry
from raincheck.shape import Shape
from raincheck.work import QuietWork, Work

__all__ = ["Step", "step"]

In = TypeVar("In")
Out = TypeVar("Out")
In_contra = TypeVar("In_contra", contravariant=True)
Out_co = TypeVar("Out_co", covariant=True)
DEFAULT_TIME_LIMIT = timedelta(minutes=10)


class Step(Generic[In_contra, Out_co]):
    """A step: what `@step` makes of a function. Use it in a flow as `await run.step(this, value)`."""

    def __init__(
        self, function: Callable[..., Any], *, name: str | None, retry: Retry, time_limit: timedelta
    ) -> None:
        self.function = checked_function(function, "@step")
        self.place = place_of(function)
        self.name = checked_name(name or function.__name__, "step", self.place)
        self.retry = retry
        self.time_limit = time_limit
        self.description = inspect.getdoc(function) or ""
        self.is_async = inspect.iscoroutinefunction(function)
        parameters = list(inspect.signature(function).parameters.values())
        positional = {inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}
        if len(parameters) not in (1, 2) or any(p.kind not in positional for p in parameters):
            raise DefinitionError(
                f"{self.place}: the step '{self.name}' must take one input and, if it wants, its Work: "
                f"async def {self.name}(value: Input, work: Work) -> Result. Put several values into a model."
            )
        if inspect.isasyncgenfunction(function) or inspect.isgeneratorfunction(function):
            raise DefinitionError(
                f"{self.place}: the step '{self.name}' must return its result, not yield it"
            )
        self.takes_work = len(parameters) > 1
        if self.takes_work and not self.is_async:
            raise DefinitionError(
                f"{self.place}: the step '{self.name}' takes a Work, so it must be async "
                f"(asyncio.to_thread runs the part that blocks)"
            )
        if time_limit <= timedelta(0):
            raise DefinitionError(f"{self.place}: the time limit of the step '{self.name}' must be positive")
        self._parameter = parameters[0].name

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
        return result

    def _blocking(self, value: In_contra) -> Any:
        try:
            return self.function(value)
        except StopIteration as error:  # can't cross from a thread: the one who waits would wait for ever
            raise RuntimeError("The step raised StopIteration.") from error

    def __repr__(self) -> str:
        return f"<step {self.name}>"


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
        return Step(target, name=name, retry=retry or Retry(), time_limit=time_limit)

    return decorate if function is None else decorate(function)
