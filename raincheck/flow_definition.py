"""What a flow is: its function with its types, and how callers start it and wait for it."""

import inspect
import math
from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import Any, Generic, Literal, Protocol, TypeVar, get_args

from raincheck.definitions import Definition, checked_function, checked_name, place_of, shapes_of
from raincheck.models import OnNewer
from raincheck.shape import Shape
from raincheck.signatures import Fit, fit_of, hidden_coroutine, positional, shown
from raincheck.step import Step
from raincheck.values.text import is_well_formed

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


class Flow(Definition, Generic[In_contra, Out_co]):
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
        self.name = checked_name(function.__name__ if name is None else name, "flow", self.place)
        self.description = inspect.getdoc(function) or ""
        self.version = version
        self.acknowledge = acknowledge
        self.wait = wait
        self.mode: Mode = mode
        self.on_newer: OnNewer | None = on_newer
        self._check_options()
        self._parameter = self._checked_signature() if self.step is None else ""
        self.note_made()

    def _check_options(self) -> None:
        if self.on_newer not in (None, *get_args(OnNewer)):
            raise self.refused(f"needs on_newer {' or '.join(map(repr, get_args(OnNewer)))}")
        whole = isinstance(self.version, int) and not isinstance(self.version, bool) and self.version >= 1
        finite = isinstance(self.wait, int | float) and 0 <= self.wait < math.inf
        if not (whole and finite and self.mode in get_args(Mode)):
            raise self.refused(
                "needs version >= 1 (a whole number), wait >= 0 seconds (a finite number) and mode "
                f"{' or '.join(map(repr, get_args(Mode)))}; it has version={self.version!r}, "
                f"wait={self.wait!r}, "
                f"mode={self.mode!r}"
            )
        if not isinstance(self.acknowledge, str | None):
            raise self.refused(f"needs acknowledge to be a text, not {self.acknowledge!r}")
        for what, text in (("description", self.description), ("acknowledge text", self.acknowledge or "")):
            if not is_well_formed(text):
                raise self.refused(f"has half a surrogate pair in its {what}, which is no text: {text!a}")

    def _checked_signature(self) -> str:
        """Return the name of the input."""
        function, sample = self.function, f"async def {self.name}(run: Run, value: Input) -> Result"
        self.check_place()
        if hidden_coroutine(function):
            raise self.refused(
                "has a decorator below @flow that is a plain function around an async one. Write the "
                "decorator's "
                "inner function as async def, and await in it"
            )
        parameters = list(inspect.signature(function).parameters.values())
        if len(parameters) != 2 or not positional(parameters):  # noqa: PLR2004 - run and input
            model = (
                "Put several values into a model"
                if len(parameters) > 1
                else "Where there is none, take value: None"
            )
            raise self.refused(
                f"must be async and take the run and one input, not {shown(parameters)}: {sample}. {model}"
            )
        if not inspect.iscoroutinefunction(function):
            raise self.refused(f"must be async and take the run and one input: {sample}")
        first, second = (fit_of(function, each, "Run") for each in parameters)
        if first is not Fit.YES and (second is Fit.YES or (first is Fit.NO and second is Fit.MAYBE)):
            raise self.refused(f"takes its parameters in the wrong order. Write the run first: {sample}")
        if first is Fit.NO and parameters[0].annotation is not inspect.Parameter.empty:
            raise self.refused(f"must take the run first, and {parameters[0].name!r} isn't one: {sample}")
        return parameters[1].name

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
