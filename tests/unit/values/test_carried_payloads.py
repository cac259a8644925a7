"""The form of our own in payloads, and what stands for an answer: read with care, and read again later."""

import sys
import uuid
from typing import Any

import pytest
from pydantic import BaseModel, PrivateAttr

from raincheck.answer_models import sent_of, shape_of, standing, value_of
from raincheck.payloads import from_json, to_json
from raincheck.shape import Shape
from tests.unit.values import type_shapes


@pytest.mark.parametrize(
    "forged",
    [
        {"model": ["subprocess:Popen", {}, None, None, []]},
        {"dataclass": ["antigravity:x", {}]},
        {"model": ["nothing"]},
        {"enum": ["builtins:int", 1]},
        {"decimal": "x"},
        {"unheard": 1},
        {},
        {"a": 1, "b": 2},
        {"tuple": None},
    ],
    ids=str,
)
def test_what_nobody_wrote_is_no_value(forged):
    """A payload is read with the same care as any input: no module is imported for it, no class is called."""
    with pytest.raises(ValueError):  # noqa: PT011 - of whatever kind: all are reported as one
        Shape(Any).parse({"raincheck.value": forged})

    assert "antigravity" not in sys.modules


def test_a_class_may_get_fields_and_lose_some():
    """A run that is under way meets the next version of the app."""
    shape = Shape(type_shapes.Traced)
    place = "tests.unit.values.type_shapes:Traced"
    written = {"model": [place, {"gone": 1, "name": "x"}, None, {}, ["name"]]}

    assert shape.parse({"raincheck.value": written}).name == "x"

    with pytest.raises(ValueError, match="needs name by now"):
        shape.parse({"raincheck.value": {"model": [place, {}, None, None, []]}})


class Verdict(BaseModel):
    approved: bool
    _id: str = PrivateAttr(default_factory=lambda: uuid.uuid4().hex)


@pytest.mark.parametrize("sent", [{"approved": True}, {"approved": True, "raincheck.value": 1}])
def test_an_answer_stands_as_it_was_first_read(sent):
    """Whoever answers with the same again agrees with it; the flow gets one and the same value."""
    stands = from_json(to_json(standing(Verdict, sent)))
    shape = shape_of(Verdict)

    assert sent_of(stands) == sent
    assert shape.parse(value_of(stands))._id == shape.parse(value_of(stands))._id


def test_a_plain_answer_is_stored_as_it_was_sent():
    """As rows of before hold it."""
    sent = {"name": "x"}

    assert standing(type_shapes.Animal, sent) is sent
    assert standing(type_shapes.Animal, {"raincheck.answer": 1, "name": "x"}) == {
        "raincheck.answer": 1,
        "name": "x",
    }
