"""Examples of inputs, for a command that a person pastes."""

from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

import pytest
from pydantic import BaseModel, Field, HttpUrl, TypeAdapter

from raincheck.testing.examples import example_of


class Colour(StrEnum):
    RED = "red"


class Inner(BaseModel):
    name: str = Field(min_length=6)


class Outer(BaseModel):
    inner: Inner
    many: list[Inner] = Field(min_length=2)
    colour: Colour
    kind: Literal["a", "b"]
    some: int | None
    more: float = Field(gt=7)
    sure: bool
    optional: str = "not needed"


class Tree(BaseModel):
    children: list["Tree"] | None


@pytest.mark.parametrize(
    "kind", [str, int, bool, list[int], UUID, datetime, HttpUrl, Outer, dict[str, int], None]
)
def test_an_example_fits(kind):
    """So that the command works as it is, before anything is filled in."""
    adapter = TypeAdapter(kind)

    adapter.validate_python(example_of(adapter.json_schema()))


def test_only_what_is_required_is_in_it():
    """A short command is easier to fill in."""
    assert "optional" not in example_of(Outer.model_json_schema())


def test_a_type_that_holds_itself_comes_to_an_end():
    """Trees have no deepest example."""
    assert "children" in example_of(Tree.model_json_schema())
