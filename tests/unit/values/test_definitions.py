"""What can't be shown or can't come back is refused where it is defined, and nothing else suffers."""

import datetime as dt
import math
from collections.abc import Generator, Iterable
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field

from raincheck import Run, flow, step
from raincheck.errors import DefinitionError
from raincheck.registry import Registry
from raincheck.testing import play


class Infinite(BaseModel):
    limit: float = math.inf


class NanExample(BaseModel):
    x: float = Field(examples=[math.nan])


class DateExample(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": {"when": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}})
    x: int


class Half(BaseModel):
    x: str = "caf\udce9"


class HalfTitle(BaseModel):
    x: str = Field(description="\ud83d")


SCHEMAS = [
    (Infinite, "properties.limit.default is inf"),
    (NanExample, r"properties.x.examples\[0\] is nan"),
    (DateExample, "example.when is a datetime"),
    (Half, "properties.x.default holds half a surrogate pair"),
    (HalfTitle, "properties.x.description holds half a surrogate pair"),
    (list[Infinite], r"\$defs.Infinite.properties.limit.default is inf"),
]


def with_types(taken: Any, given: Any) -> Any:
    async def made(run, value):
        return value

    made.__annotations__ = {"run": Run, "value": taken, "return": given}
    return made


@pytest.mark.parametrize(("annotation", "says"), SCHEMAS, ids=str)
@pytest.mark.parametrize("place", ["input", "result"])
def test_a_schema_that_is_no_json_is_refused(annotation, says, place):
    """One such model would take GET /flows and openapi.json of the whole app down."""
    types = (annotation, int) if place == "input" else (int, annotation)

    with pytest.raises(DefinitionError, match=rf"test_definitions.py:\d+: .*{says}. Give that field another"):
        Registry([flow(with_types(*types))])


@pytest.mark.parametrize(
    "annotation", [Iterable[int], Generator[int, None, None], dict[str, Iterable[int]]], ids=str
)
def test_what_is_read_by_reading_it_is_refused(annotation):
    """Whoever looks first would take it away from the next."""

    async def made(value):
        return 1

    made.__annotations__ = {"value": annotation, "return": int}

    with pytest.raises(DefinitionError, match=r"can be read only once .*take list"):
        Registry([], [step(made)])


@pytest.mark.parametrize("wait", [math.inf, math.nan, -1.0])
def test_an_endless_wait_is_refused(wait):
    """It is shown in GET /flows, which is JSON."""
    with pytest.raises(DefinitionError, match="wait >= 0 seconds"):
        flow(wait=wait)(with_types(int, int))


def test_a_description_that_is_no_text_is_refused():
    """It is shown, too."""
    with pytest.raises(DefinitionError, match="half a surrogate pair"):
        flow(acknowledge="\ud83d")(with_types(int, int))


def test_a_question_whose_schema_is_no_json_is_refused_where_it_is_asked():
    """The status document of the run would be none."""

    @flow
    async def asking(run: Run, value: None) -> None:
        await run.ask("How much?", Infinite)

    error = play(asking, None).outcome.error

    assert error is not None
    assert "run.ask can't show the schema of Infinite: properties.limit.default is inf" in error.message
