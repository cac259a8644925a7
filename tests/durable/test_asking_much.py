"""Questions and messages of any size and number: what doesn't fit into Durable's 16 KB is stored."""

import json

import pytest
from pydantic import BaseModel

from raincheck import Run, flow
from raincheck.payloads import Answer, CustomStatus, Question, from_json
from tests.durable.driven import Driven, work
from tests.durable.histories import STATUS_LIMIT


class Note(BaseModel):
    text: str


@flow
async def ask(run: Run, prompts: list[str]) -> list[str]:
    asked = (run.ask(prompt, Note) for prompt in prompts)
    return [note.text for note in await run.gather(asked, limit=1000)]


@flow
async def halves(run: Run, number: int) -> str:
    run.progress(50, "\ud800")
    return (await run.ask("\ud83d!", Note)).text


@flow
async def chat(run: Run, message: str) -> int:
    run.progress(50, message)
    return await run.step(work, 1)


def answer(run, number):
    taken = Answer(kind="answered", value_json='{"text":"a"}')
    run.raise_event(f"input:q{number}", taken.dumped())


def shown(run) -> CustomStatus:
    return CustomStatus.model_validate(run.statuses[-1])


def asked(run) -> list[str]:
    return [question.id for question in shown(run).input_requests]


def test_a_large_prompt_is_stored_before_it_is_shown():
    """Readers must find it where they are told to look."""
    run = Driven(ask, ["x" * 50_000])
    stored = Question.model_validate(from_json(run.find("open_question").input["question_json"]))
    assert (stored.id, len(stored.prompt)) == ("q1", 50_000)
    assert (shown(run).stored, shown(run).waiting) == ("", False)
    run.end("open_question")
    assert (shown(run).stored, shown(run).waiting) == ("1", True)
    answer(run, 1)

    assert run.output["result"] == ["a"]


def test_what_there_is_no_room_for_is_stored():
    """The first come have it, together."""
    run = Driven(ask, ["x" * 2_500] * 3)

    assert run.labels == ["open_question"]
    assert run.find("open_question").input["question"] == "q3"
    assert asked(run) == ["q1", "q2"]


@pytest.mark.parametrize("sign", ["x", '"', "é", "界", "😀", "\u2028", "\n", "\x01"])
def test_prompts_of_any_characters_stay_below_the_limit(sign):
    """Beyond it the extension fails the orchestration: what counts is UTF-16 after escaping."""
    run = Driven(ask, [sign * 400] * 16)
    while "open_question" in run.labels:
        run.end("open_question")

    assert size(run) < STATUS_LIMIT
    assert shown(run).waiting


def test_half_a_character_is_replaced():
    """It goes into no JSON, and a flow may have cut a text anywhere."""
    run = Driven(halves)

    assert shown(run).input_requests[0].prompt == "\ufffd!"
    assert shown(run).progress.message == "\ufffd"


def test_a_thousand_questions_at_once_stay_below_the_limit():
    """Those there is no room to name are shown when others have been answered."""
    run = Driven(ask, [f"Question {number}?" * 10 for number in range(1000)])
    run.end(*["open_question"] * run.labels.count("open_question"))

    assert size(run) < STATUS_LIMIT
    assert shown(run).stored == f"{len(asked(run)) + 1}-1000"


def test_storing_is_tried_again():
    """Storage may be away for a moment."""
    run = Driven(ask, ["x" * 50_000])
    run.fail("open_question")
    run.fire()
    run.end("open_question")

    assert shown(run).stored == "1"


def test_what_can_not_be_stored_fails_the_question():
    """Nobody could ever answer it."""
    run = Driven(ask, ["x" * 50_000])
    while not run.done:
        run.fail("open_question") if "open_question" in run.labels else run.fire()

    assert run.output["error"]["code"] == "question_not_stored"


@pytest.mark.parametrize("sign", ["x", "😀", "\x01", "\u2028"])
def test_a_long_message_is_cut(sign):
    """A flow's own text must not fail its run."""
    run = Driven(chat, sign * 20_000)

    message = shown(run).progress.message
    assert message.startswith(sign * 50)
    assert message.endswith("…")
    assert size(run) < 2 * 800


def test_a_short_message_is_not():
    """Only what has no room."""
    assert shown(Driven(chat, "x" * 500)).progress.message == "x" * 500


def size(run) -> int:
    """Count the bytes that Durable counts: it writes JSON as Newtonsoft does."""
    text = json.dumps(run.statuses[-1], ensure_ascii=False)
    for mark in "\x85\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return len(text.encode("utf-16-le", "surrogatepass"))
