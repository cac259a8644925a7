"""What can't be a flow or a step is refused when it is defined or registered, with file and line."""

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel

from raincheck import Flow, Run, Step, Work, flow, step
from raincheck.errors import DefinitionError
from raincheck.registry import Registry

if TYPE_CHECKING:
    from decimal import Decimal

HERE = re.compile(r".*test_definitions\.py:\d+: ")


class Odd:
    """A class that pydantic knows nothing of."""


def refusal(make) -> str:
    """Give the text of the error that begins with file and line."""
    with pytest.raises(DefinitionError) as caught:
        make()
    assert HERE.match(str(caught.value)), str(caught.value)
    return str(caught.value)


async def no_input() -> int: ...
async def three(a: int, b: int, c: int) -> int: ...
async def star(*values: int) -> int: ...
async def keyword(*, value: int) -> int: ...
async def generator(value: int):
    yield value


def blocking_with_work(value: int, work: Work) -> int: ...


NOT_STEPS = {
    "no input": no_input,
    "three inputs": three,
    "star arguments": star,
    "a keyword": keyword,
    "an async generator": generator,
    "sync with a Work": blocking_with_work,
    "a class": Odd,
    "a builtin": print,
    "a number": 5,
}


@pytest.mark.parametrize("target", NOT_STEPS.values(), ids=NOT_STEPS.keys())
def test_what_has_not_the_signature_of_a_step_is_refused(target):
    """Found when the module is imported, not when a run reaches the step."""
    refusal(lambda: step(target))


def test_a_step_may_be_sync():
    """Plain functions run on a thread."""

    @step
    def plain(value: int) -> int:
        return value

    assert not plain.is_async


@pytest.mark.parametrize("limit", [timedelta(0), timedelta(seconds=-1)])
def test_a_time_limit_must_be_positive(limit):
    """Nothing could ever be done in no time."""

    async def fine(value: int) -> int: ...

    assert "time limit" in refusal(lambda: step(time_limit=limit)(fine))


async def only_run(run: Run) -> int: ...
async def too_much(run: Run, value: int, more: int) -> int: ...
async def by_keyword(run: Run, *, value: int) -> int: ...
async def by_star(*both: Any) -> int: ...
def not_async(run: Run, value: int) -> int: ...
async def yielding(run: Run, value: int):
    yield value


NOT_FLOWS = {
    "only the run": only_run,
    "two inputs": too_much,
    "input by keyword": by_keyword,
    "star arguments": by_star,
    "not async": not_async,
    "an async generator": yielding,
    "a class": Odd,
    "a string": "flow",
}


@pytest.mark.parametrize("target", NOT_FLOWS.values(), ids=NOT_FLOWS.keys())
def test_what_has_not_the_signature_of_a_flow_is_refused(target):
    """As for steps."""
    refusal(lambda: flow(target))


@pytest.mark.parametrize(
    "options", [{"version": 0}, {"wait": -1}, {"mode": "sometimes"}, {"version": -1}, {"wait": float("nan")}]
)
def test_options_out_of_range_are_refused(options):
    """A typo in an option must not become a run's behaviour."""

    async def fine(run: Run, value: int) -> int: ...

    refusal(lambda: flow(**options)(fine))


NAMES = ["", "1st", "with space", "a-b", "über", "a" * 65, "a.b", "a/b", "a\n", "_private"]


@pytest.mark.parametrize("name", NAMES)
def test_names_that_can_not_be_a_function_and_a_part_of_a_url_are_refused(name):
    """A step is an Azure function, a flow a part of a URL."""

    async def fine(value: int) -> int: ...
    async def well(run: Run, value: int) -> int: ...

    if name:
        assert repr(name) in refusal(lambda: step(name=name)(fine))
        assert repr(name) in refusal(lambda: flow(name=name)(well))


def unannotated(value):
    return value


async def no_result(value: int):
    return value


async def unresolvable(value: "Decimal") -> int: ...
async def not_python(value: "in valid[") -> int: ...  # type: ignore  # noqa: F722, PGH003 - it is what we test
async def odd_input(value: Odd) -> int: ...
async def odd_result(value: int) -> Odd: ...
async def a_lock(value: threading.Lock) -> int: ...
async def a_callable(value: Callable[[], int]) -> int: ...


class Lazy(BaseModel):
    """A model with a type that never comes."""

    later: "Never"  # type: ignore[name-defined]  # noqa: F821 - as it says


async def lazy_input(value: Lazy) -> int: ...


UNFIT = {
    "no annotation": unannotated,
    "no result": no_result,
    "a name only type checkers see": unresolvable,
    "no Python": not_python,
    "an odd class": odd_input,
    "an odd result": odd_result,
    "a lock": a_lock,
    "a callable": a_callable,
    "a model that isn't complete": lazy_input,
}


@pytest.mark.parametrize("target", UNFIT.values(), ids=UNFIT.keys())
def test_types_that_can_not_be_a_schema_are_refused_at_start(target):
    """Every flow is in the OpenAPI document; what can't be there must not start."""
    made = step(target)

    assert f"'{made.name}'" in refusal(lambda: Registry([], [made]))


def made_step(name: str) -> Step[int, int]:
    async def fine(value: int) -> int: ...

    return step(name=name)(fine)


def made_flow(name: str, version: int = 1) -> Flow[int, int]:
    async def fine(run: Run, value: int) -> int: ...

    return flow(name=name, version=version)(fine)


@pytest.mark.parametrize("other", ["digest", "Digest", "DIGEST"])
def test_two_steps_of_one_name_are_refused(other):
    """Azure Functions compares names without case; the second would shadow the first."""
    text = refusal(lambda: Registry([], [made_step("digest"), made_step(other)]))

    assert text.count("test_definitions.py:") == 2  # where both are


@pytest.mark.parametrize("other", ["order", "Order"])
def test_two_flows_of_one_name_are_refused(other):
    """Callers choose by name."""
    text = refusal(lambda: Registry([made_flow("order"), made_flow(other)]))

    assert text.count("test_definitions.py:") == 2


def test_two_versions_of_a_flow_may_be_there():
    """Runs of the old one go on; the newest is what callers start."""
    old, new = made_flow("order", 1), made_flow("order", 2)
    registry = Registry([new, old])

    assert registry.flows["order"] is new
    assert registry.find("order", 1) is old
    assert registry.find("order", 3) is None


def test_names_of_our_own_functions_are_refused():
    """A step would replace a part of the engine; case doesn't matter to the host."""
    registry = Registry([], [made_step("Run_Flow")])

    assert "taken by Raincheck" in refusal(lambda: registry.check_names({"run_flow"}))
    registry.check_names({"other"})


def test_one_step_in_two_modules_is_one_step():
    """Importing a step from another module is not a duplicate."""
    one = made_step("digest")

    assert list(Registry([], [one, one]).steps) == ["digest"]


def test_the_step_of_a_flow_that_is_one_is_registered():
    """`@flow @step` needs no second mention."""

    @flow
    @step
    async def both(value: int) -> int: ...

    registry = Registry([both])

    assert registry.knows(both.step)


def test_a_step_of_the_same_name_is_not_the_step():
    """Names alone don't make two functions the same."""
    registry = Registry([], [made_step("digest")])

    assert not registry.knows(made_step("digest"))


def test_time_limits_must_be_below_the_hosts():
    """A broken functionTimeout restarts the whole worker, other steps included."""
    registry = Registry([], [made_step("digest")])

    assert "functionTimeout" in refusal(lambda: registry.check_time_limits(timedelta(minutes=10)))
    registry.check_time_limits(timedelta(minutes=11))
