"""What a flow is: its function with its types, and how callers start it and wait for it."""

import inspect
import math
from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import Any, Generic, Literal, Protocol, TypeVar, get_args

from raincheck.definitions import checked_function, checked_name, place_of, shapes_of
from raincheck.errors import DefinitionError
from raincheck.models import OnNewer
from raincheck.shape import Shape
from raincheck.step import Step
from raincheck.values.text import well_formed

__all__ = ["Flow", "Mode", "StepCaller"]

In = TypeVar("In")
Out = TypeVar("Out")
In_contra = TypeVar("In_contra", contravariant=True)
Out_co = TypeVar("Out_co", covariant=True)
Mode = Literal["flexible", "background", "immediate"]


class StepCaller(Protocol):
    """What a flow that is one step needs of its run."""

    def step(self, step: Step[In, Out], value: In, /) -> Awaitable[Out]:
        """Do a step."""
        ...


class Flow(Generic[In_contra, Out_co]):
    """A flow: what `@flow` makes of a function, or of a step that is a whole flow by itself."""

    def __init__(
        self,
        target: Callable[..., Any] | Step[In_contra, Out_co],
        *,
        name: str | None,
        version: int,
        acknowledge: str | None,
        wait: float,
        mode: Mode,
        on_newer: OnNewer | None = None,
    ) -> None:
        self.step: Step[In_contra, Out_co] | None = target if isinstance(target, Step) else None
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
                f"{' or '.join(map(repr, get_args(OnNewer)))}"
            )
        if version < 1 or not 0 <= wait < math.inf or mode not in ("flexible", "background", "immediate"):
            raise DefinitionError(
                f"{self.place}: the flow '{self.name}' needs version >= 1, wait >= 0 seconds (finite) "
                f"and mode 'flexible', 'background' or 'immediate'"
            )
        if any(well_formed(text) != text for text in (self.description, acknowledge or "")):
            raise DefinitionError(
                f"{self.place}: the description of the flow '{self.name}' holds half a surrogate pair, "
                "which is no text"
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
    def shapes(self) -> tuple[Shape[Any], Shape[Out_co]]:
        """Input and result; made on first use, when all types of the module are there."""
        if self.step is not None:
            return self.step.shapes
        return shapes_of(self.function, self._parameter, f"the flow '{self.name}'")

    @property
    def input(self) -> Shape[Any]:
        """What it takes."""
        return self.shapes[0]

    @property
    def result(self) -> Shape[Out_co]:
        """What it returns."""
        return self.shapes[1]

    async def body(self, run: StepCaller, value: In_contra) -> Out_co:
        """Run the flow: only the driver and `raincheck.testing` call this."""
        if self.step is not None:
            return await run.step(self.step, value)
        result: Out_co = await self.function(run, value)
        return result

    def __repr__(self) -> str:
        return f"<flow {self.name} v{self.version}>"
