"""Flows: what a run does, in order. A flow is an async function that awaits durable operations only.

@flow(acknowledge="I'm ordering your laptop and will message you when it's placed.")
async def order_laptop(run: Run, order: LaptopOrder) -> OrderResult: ...
"""

from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar, overload

from raincheck.flow_definition import Flow, Mode
from raincheck.models import OnNewer
from raincheck.run import Run
from raincheck.step import Step

__all__ = ["Flow", "Mode", "flow"]

In = TypeVar("In")
Out = TypeVar("Out")


class FlowDecorator(Protocol):
    """What `@flow(...)` returns: it makes a Flow of a function or a step."""

    @overload
    def __call__(self, target: Step[In, Out], /) -> Flow[In, Out]: ...
    @overload
    def __call__(self, target: Callable[[Run, In], Coroutine[Any, Any, Out]], /) -> Flow[In, Out]: ...
    def __call__(self, target: Any, /) -> Any:
        """Build the flow."""
        ...


@overload
def flow(target: Step[In, Out], /) -> Flow[In, Out]: ...
@overload
def flow(target: Callable[[Run, In], Coroutine[Any, Any, Out]], /) -> Flow[In, Out]: ...
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

    def decorate(function: Any) -> Flow[Any, Any]:
        return Flow(
            function,
            name=name,
            version=version,
            acknowledge=acknowledge,
            wait=wait,
            mode=mode,
            on_newer=on_newer,
        )

    return decorate if target is None else decorate(target)
