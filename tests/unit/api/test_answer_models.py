"""Finding again what an answer must fit."""

import pytest
from pydantic import BaseModel, Field

from raincheck.answer_models import model_named, name_of_model, schema_of


class Outer(BaseModel):
    class Inner(BaseModel):
        """A size."""

        size: int = Field(ge=1)


@pytest.mark.parametrize("model", [Outer, Outer.Inner])
def test_a_model_is_found_by_its_name(model):
    """The answer route has nothing else."""
    assert model_named(name_of_model(model)) is model


def test_a_model_inside_a_function_has_no_name():
    """Nobody else could find it."""

    class Local(BaseModel):
        pass

    assert name_of_model(Local) is None


def test_a_model_that_another_has_replaced_has_no_name():
    """The name would lead to the other."""
    imposter = type("Outer", (BaseModel,), {"__module__": __name__})
    assert name_of_model(imposter) is None


@pytest.mark.parametrize(
    "name", ["no.such.module:Model", f"{__name__}:Gone", f"{__name__}:Outer.Gone", "json:loads", "json:"]
)
def test_what_is_gone_is_none(name):
    """The app was changed while a person thought."""
    assert model_named(name) is None
    assert schema_of(name) == {}


def test_the_schema_is_what_is_taken():
    """As a person's form needs it."""
    assert schema_of(f"{__name__}:Outer.Inner")["properties"]["size"]["minimum"] == 1
