"""Flows: what a run does, in order. A flow is an async function that awaits durable operations only.

@flow(acknowledge="I'm ordering your laptop and will message you when it's placed.")
async def order_laptop(run: Run, order: LaptopOrder) -> OrderResult: ...
"""

import inspect
from collections.abc import Callable, Coroutine
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeVar, get_args, overload

from raincheck.definitions import checked_function, checked_name, place_of, shapes_of
from raincheck.errors import DefinitionError
from raincheck.models import OnNewer
from raincheck.shape import Shape
from raincheck.step import Step

if TYPE_CHECKING:
    from raincheck.run import Run

__all__ = ["Flow", "Mode", "flow"]

In = TypeVar("In")
Out = TypeVar("Out")
Mode = Literal["flexible", "background", "immediate"]


class Flow(Generic[In, Out]):
    """A flow: what `@flow` makes of a function, or of a step that is a whole flow by itself."""

    def __init__(
        self,
        target: Callable[..., Any] | Step[In, Out],
        *,
        name: str | None,
        version: int,
        acknowledge: str | None,
        wait: float,
        mode: Mode,
        on_newer: OnNewer | None = None,
    ) -> None:
        self.step = target if isinstance(target, Step) else None
        function = target.function if isinstance(target, Step) else target
        self.function = function = checked_function(function, "@flow")
        self.place = place_of(function)
        self.name = checked_name(name or function.__name__, "flow", self.place)
        self.description = inspect.getdoc(function) or ""
        self.version = version
        self.acknowledge = acknowledge
        self.wait = wait
        self.mode: Mode = mode
        self.on_newer: OnNewer | None = on_newer
        if on_newer not in (None, *get_args(OnNewer)):
            raise DefinitionError(
                f"{self.place}: the flow '{self.name}' needs on_newer "
                "'finish', 'enqueue', 'reject' or 'interrupt'"
            )
        if version < 1 or not wait >= 0 or mode not in ("flexible", "background", "immediate"):
            raise DefinitionError(
                f"{self.place}: the flow '{self.name}' needs version >= 1, wait >= 0 seconds "
                f"and mode 'flexible', 'background' or 'immediate'"
            )
        parameters = list(inspect.signature(function).parameters.values())
        positional = {inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}
        fits = len(parameters) == 2 and all(p.kind in positional for p in parameters)  # noqa: PLR2004 - run and input
        if self.step is None and not (fits and inspect.iscoroutinefunction(function)):
            raise DefinitionError(
                f"{self.place}: the flow '{self.name}' must be async and take the run and one input: "
                f"async def {self.name}(run: Run, value: Input) -> Result"
            )
        self._parameter = parameters[-1].name

    @cached_property
    def shapes(self) -> tuple[Shape[In], Shape[Out]]:
        """Input and result; made on first use, when all types of the module are there."""
        if self.step is not None:
            return self.step.shapes
        return shapes_of(self.function, self._parameter, f"the flow '{self.name}'")

    @property
    def input(self) -> Shape[In]:
        """What it takes."""
        return self.shapes[0]

    @property
    def result(self) -> Shape[Out]:
        """What it gives."""
        return self.shapes[1]

    async def body(self, run: "Run", value: In) -> Out:
        """Run the flow: only the driver and `raincheck.testing` call this."""
        if self.step is not None:
            return await run.step(self.step, value)
        result: Out = await self.function(run, value)
        return result

    def __repr__(self) -> str:
        return f"<flow {self.name} v{self.version}>"


class FlowDecorator(Protocol):
    """What `@flow(...)` gives: it makes a Flow of a function or a step."""

    @overload
    def __call__(self, target: Step[In, Out], /) -> Flow[In, Out]: ...
    @overload
    def __call__(self, target: Callable[["Run", In], Coroutine[Any, Any, Out]], /) -> Flow[In, Out]: ...
    def __call__(self, target: Any, /) -> Any:
        """Build the flow."""
        ...


@overload
def flow(target: Step[In, Out], /) -> Flow[In, Out]: ...
@overload
def flow(target: Callable[["Run", In], Coroutine[Any, Any, Out]], /) -> Flow[In, Out]: ...
@overload
def flow(
    *,
    name: str | None = None,
    version: int = 1,
    acknowledge: str | None = None,
    wait: float = 5.0,
    mode: Mode = "flexible",
    on_newer: OnNewer | None = None,
) -> FlowDecorator: ...
def flow(
    target: Any = None,
    /,
    *,
    name: str | None = None,
    version: int = 1,
    acknowledge: str | None = None,
    wait: float = 5.0,
    mode: Mode = "flexible",
    on_newer: OnNewer | None = None,
) -> Any:
    """Build a flow of a function, or of a step that is a whole flow by itself (stack `@flow` on `@step`).

    Args:
        target: `async def f(run: Run, value: Input) -> Result`, or a Step.
        name: how callers start it: `POST /api/flows/{name}/runs`. The function's name by default.
        version: raise it when the order of its steps changes; a run goes on with the version it started with.
        acknowledge: what an agent says at once when the answer comes later.
        wait: seconds that a start waits for the result where the caller does not say, 5 by default.
        mode: `flexible` answers in time or with a token; `background` always with a token;
            `immediate` at once, because nobody waits for its result.
        on_newer: what a new run does with those of its conversation that are still open, where its request
            doesn't say: `finish` lets them end (the default), `enqueue` waits for them, `reject` gives way,
            `interrupt` cancels them.

    Raises:
        DefinitionError: the signature is not a flow's; file and line are in the text.
    """

    def decorate(given: Any) -> Flow[Any, Any]:
        return Flow(
            given,
            name=name,
            version=version,
            acknowledge=acknowledge,
            wait=wait,
            mode=mode,
            on_newer=on_newer,
        )

    return decorate if target is None else decorate(target)
