"""Ordering a laptop: the price decides whether somebody is asked."""

import pytest
from pydantic import ValidationError
from raincheck import PermanentError, TransientError
from raincheck.testing import NO_ANSWER, play

from activities.laptops import APPROVAL_ABOVE, LaptopOrder, place_order, quote
from orchestrators.order_laptop import Approval, OrderResult, order_laptop

CHEAP = LaptopOrder(employee="Ada", model="X1", price=900)
DEAR = CHEAP.model_copy(update={"price": APPROVAL_ABOVE + 1})


def test_a_cheap_one_is_ordered_at_once():
    """A quote, the order, a number."""
    played = play(order_laptop, CHEAP)

    assert played.steps == ["quote", "place_order"]
    assert played.result.placed
    assert played.result.order_number.startswith("LT-")
    assert played.questions == []


def test_the_limit_itself_needs_nobody():
    """Above 2,000, not from 2,000 on."""
    assert play(order_laptop, CHEAP.model_copy(update={"price": APPROVAL_ABOVE})).questions == []


def test_a_dear_one_is_ordered_when_approved():
    """The question names what is approved, for whom, at what price."""
    played = play(order_laptop, DEAR, answers=[Approval(approved=True)])

    assert played.result.placed
    assert len(played.questions) == 1
    for said in ("X1", "Ada", "2,001.00"):
        assert said in played.questions[0]


@pytest.mark.parametrize("answer", [Approval(approved=False), NO_ANSWER], ids=repr)
def test_a_dear_one_is_not_ordered_otherwise(answer):
    """Neither against a no, nor where nobody answers."""
    played = play(order_laptop, DEAR, answers=[answer])

    assert played.result == OrderResult(placed=False)
    assert "place_order" not in played.steps


def test_two_attempts_are_one_order():
    """The shop hiccups after it took the order: the number is the same."""
    failures = iter([TransientError("The shop is closed for a moment.")])

    async def hiccup(order):
        for failure in failures:
            raise failure
        return await place_order(order)

    played = play(order_laptop, CHEAP, steps={place_order: hiccup})

    assert played.steps == ["quote", "place_order", "place_order"]
    assert played.result.placed


def test_the_same_run_gives_the_same_number():
    """It comes from the idempotency key."""
    assert play(order_laptop, CHEAP).result == play(order_laptop, CHEAP).result


def test_another_model_is_another_order():
    """Numbers tell orders apart."""
    other = CHEAP.model_copy(update={"model": "Y2"})

    assert play(order_laptop, CHEAP).result != play(order_laptop, other).result


def test_a_model_that_is_not_sold_ends_the_run_with_its_reason():
    """Code and message of the step reach the caller."""
    error = PermanentError("X1 is not sold any more.", code="not_sold")
    outcome = play(order_laptop, CHEAP, steps={quote: error}).outcome

    assert (outcome.error.code, outcome.error.message) == ("not_sold", "X1 is not sold any more.")


@pytest.mark.parametrize("wrong", [{"price": -1}, {"employee": ""}, {"model": "x" * 201}, {"price": None}])
def test_nonsense_is_refused_before_a_run_starts(wrong):
    """The model is the contract."""
    with pytest.raises(ValidationError):
        LaptopOrder.model_validate({**CHEAP.model_dump(), **wrong})
