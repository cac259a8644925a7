"""AnswerRows and large questions on a real Azurite."""

import asyncio
from datetime import UTC, datetime

import pytest

from raincheck.adapters.answers import TableAnswerRows
from raincheck.payloads import Answer, Question
from raincheck.service.answers import MAX_ANSWER


def answered(value_json: str) -> Answer:
    return Answer(kind="answered", value_json=value_json)


@pytest.fixture
def answers(storage):
    return TableAnswerRows(storage)


async def test_one_answer_stands(answers, run_id):
    """Whoever comes, and however many at once."""
    proposed = [answered(str(number)) for number in range(20)] + [Answer(kind="timed_out")] * 5
    decided = await asyncio.gather(*(answers.decide(run_id, "q1", one) for one in proposed))
    [standing] = {(one.kind, one.value_json) for one, _ in decided}
    assert sum(created for _, created in decided) == 1
    assert await answers.get(run_id, "q1") == Answer(kind=standing[0], value_json=standing[1])


async def test_an_answer_as_large_as_may_be_comes_back(answers, run_id):
    """In bytes: a property holds 64 KiB of them."""
    largest = answered('"' + "ü" * ((MAX_ANSWER - 2) // 2) + '"')
    await answers.decide(run_id, "q1", largest)
    assert await answers.get(run_id, "q1") == largest


async def test_decided_names_what_stands(answers, run_id):
    """Of this instance, and answers only."""
    await answers.decide(run_id, "q2", answered("1"))
    await answers.decide(run_id, "q10", Answer(kind="timed_out"))
    await answers.decide(f"{run_id}:1", "q3", answered("1"))
    await answers.keep(run_id, Question(id="q4", prompt="?", model="m:M"))
    assert await answers.decided(run_id) == {"q2", "q10"}


async def test_nothing_stands_for_what_nobody_answered(answers, run_id):
    """Looking creates nothing."""
    assert await answers.get(run_id, "q1") is None
    assert await answers.decided(run_id) == frozenset()
    assert await answers.kept(run_id, ["q1"]) == []


@pytest.mark.parametrize("sign", ["x", "😀", "\x01"])
async def test_the_largest_prompt_comes_back(answers, run_id, sign):
    """Whatever its characters take: a row holds 1 MiB."""
    asked = Question(id="q1", prompt=sign * 100_000, model="m:M", expires_at=datetime(2030, 1, 1, tzinfo=UTC))
    await answers.keep(run_id, asked)
    await answers.keep(run_id, asked)
    assert await answers.kept(run_id, ["q1"]) == [asked]


async def test_many_stored_questions_come_in_order(answers, run_id):
    """As they were asked for."""
    names = [f"q{number}" for number in range(40)]
    await asyncio.gather(*(answers.keep(run_id, Question(id=n, prompt="?", model="m:M")) for n in names))
    assert [one.id for one in await answers.kept(run_id, names)] == names
