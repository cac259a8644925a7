"""`raincheck.testing`: what a unit test answers to what its flow asks."""

from datetime import timedelta

import pytest
from pydantic import BaseModel, Field

from activities.laptops import LaptopOrder
from orchestrators.order_laptop import Approval, order_laptop
from raincheck import AnswerTimedOut, Run, flow
from raincheck.testing import NO_ANSWER, play

DEAR = LaptopOrder(employee="Ada", model="X1", price=2500)


class Aliased(BaseModel):
    text: str = Field(alias="the text")


@flow
async def two_questions(run: Run, number: int) -> list[str]:
    answers = await run.gather(run.ask("First?", Aliased), run.ask("Second?", Aliased))
    return [answer.text for answer in answers]


@flow
async def patient(run: Run, days: int) -> str:
    timeout = timedelta(days=days) if days else None
    try:
        return (await run.ask("Well?", Aliased, timeout=timeout)).text
    except AnswerTimedOut:
        return str(run.now.date())


@pytest.mark.parametrize(("approved", "steps"), [(True, ["quote", "place_order"]), (False, ["quote"])])
def test_the_example_flow(approved, steps):
    """Nothing is ordered without a yes."""
    played = play(order_laptop, DEAR, answers=[Approval(approved=approved)])
    assert (played.result.placed, played.steps) == (approved, steps)
    assert len(played.questions) == 1


def test_no_answer_in_time_is_a_no():
    """For the example flow."""
    assert play(order_laptop, DEAR, answers=[NO_ANSWER]).result.placed is False


def test_what_is_cheap_is_not_asked_about():
    """2,000 itself is."""
    cheap = DEAR.model_copy(update={"price": 2000})
    assert play(order_laptop, cheap).result.placed


@pytest.mark.parametrize(
    "answers",
    [
        [{"the text": "a"}, {"the text": "b"}],
        {"First?": {"the text": "a"}, Aliased: Aliased.model_validate({"the text": "b"})},
        lambda prompt, model: {"the text": "a" if prompt == "First?" else "b"},
    ],
    ids=["in order", "by prompt or model", "by function"],
)
def test_answers_are_given_in_three_ways(answers):
    """As JSON or as models, aliases included."""
    assert play(two_questions, 0, answers=answers).result == ["a", "b"]


def test_time_passes_at_once_where_nobody_answers():
    """Days of it, in timers of two."""
    assert play(patient, 7, answers=[NO_ANSWER]).result == "2030-01-08"


def test_a_question_without_an_answer_fails_the_test():
    """And not the flow, which might catch it."""
    with pytest.raises(AssertionError, match=r"asked 'Well\?' \(Aliased\), and the test gives no answer"):
        play(patient, 1)


def test_an_answer_that_does_not_fit_fails_the_test():
    """The answer URL would refuse it."""
    with pytest.raises(AssertionError, match="does not fit"):
        play(patient, 1, answers=[{"the text": 7}])


def test_waiting_for_nobody_for_ever_fails_the_test():
    """Instead of hanging."""
    with pytest.raises(AssertionError, match="without a timeout"):
        play(patient, 0, answers=[NO_ANSWER])


def test_a_large_prompt_is_played():
    """Storing it takes no storage here."""

    @flow
    async def large(run: Run, number: int) -> str:
        return (await run.ask("x" * 50_000, Aliased)).text

    assert play(large, 0, answers=[{"the text": "a"}]).result == "a"
