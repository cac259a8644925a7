"""Values that try to break out of their envelope: the SDK's own class marker, no JSON, too deep."""

import json
from typing import Any

import pytest

from raincheck import Run, flow
from raincheck.driver.outcomes import MAX_RESULT
from tests.durable.driven import Driven

MARKED = {"__class__": "Popen", "__module__": "subprocess", "__data__": "true"}
ROUND = {"a": MARKED, "b": [MARKED], "c": "\u2028 \U0001f600 \x00", "d": "?code=x&sig=y"}


def deep(levels: int) -> Any:
    value: Any = 0
    for _ in range(levels):
        value = [value]
    return value


CYCLE: list[Any] = []
CYCLE.append(CYCLE)


VALUES = {
    "nan": lambda: float("nan"),
    "inf": lambda: [float("inf")],
    "surrogate": lambda: "\ud800",
    "surrogate key": lambda: {"\udfff": 1},
    "deep": lambda: deep(2_000),
    "cycle": lambda: CYCLE,
    "set of objects": lambda: {object()},
    "bytes": lambda: b"\xff",
    "big": lambda: 10**400,
}


@flow
async def giving(run: Run, which: str) -> Any:
    return VALUES[which]()


@flow
async def echo(run: Run, value: Any) -> Any:
    return value


@flow
async def long(run: Run, size: int) -> str:
    return "x" * size


@flow
async def typed(run: Run, number: int) -> int:
    return "text"  # type: ignore[return-value]


@pytest.mark.parametrize("which", ["surrogate key", "deep", "cycle", "set of objects", "bytes"])
def test_a_result_that_can_not_be_json_is_an_outcome(which):
    """It must fail where it was made, with a code, not when the SDK or a reader chokes on it."""
    run = Driven(giving, which)

    assert run.completed
    assert run.output["error"]["code"] == "result_invalid"


def test_half_a_character_is_replaced():
    """As in events and errors: one odd character of a model must not cost the whole run."""
    assert Driven(giving, "surrogate").output["result"] == "\ufffd"


@pytest.mark.parametrize(("which", "result"), [("nan", None), ("inf", [None])])
def test_numbers_that_json_does_not_know_become_null(which, result):
    """As pydantic writes them; what must never happen is a NaN that breaks a reader's parser."""
    assert Driven(giving, which).output["result"] == result


@pytest.mark.parametrize("which", ["surrogate key", "deep"])
def test_the_same_in_a_run_with_debts(which):
    """The outcome travels as text, which is one more place to choke."""
    run = Driven(giving, which, owes=["callback"])
    completion = run.find("complete_run").input

    assert json.loads(completion["outcome_json"])["error"]["code"] == "result_invalid"


@pytest.mark.parametrize(("size", "code"), [(MAX_RESULT - 2, None), (MAX_RESULT - 1, "result_too_large")])
def test_a_result_may_have_a_size(size, code):
    """Two quotes and what is between them; what is larger belongs into storage, and the outcome says so."""
    output = Driven(long, size).output

    assert (output["error"] or {}).get("code") == code


def test_a_result_of_another_type_is_an_outcome():
    """The flow's schema is a promise to its callers."""
    assert Driven(typed, 1).output["error"]["code"] == "result_invalid"


def test_class_markers_pass_through_unharmed():
    """The SDK would make objects of them, or fail."""
    assert Driven(echo, ROUND).output["result"] == ROUND


def test_class_markers_pass_through_a_sub_flow():
    """On the parent's side the SDK reads the output again."""

    @flow
    async def outer(run: Run, value: Any) -> Any:
        return await run.flow(echo, value)

    run = Driven(outer, ROUND, others=(echo,))
    given = json.loads(run.find("flow 1").input["input_json"])
    child = Driven(echo, given, run_id=f"{run.id}:1")
    run.end("flow 1", result=child.output)

    assert run.output["result"] == ROUND


def test_a_large_number_survives():
    """JSON has no limit for numbers, and Python none for its own."""
    assert Driven(giving, "big").output["result"] == 10**400
