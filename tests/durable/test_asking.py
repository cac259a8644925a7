"""Questions: shown while they wait, answered by an event, closed by time, by a lost race or by a cancel."""

from datetime import timedelta

import pytest
from pydantic import BaseModel

from raincheck import AnswerTimedOut, Run, flow
from raincheck.payloads import Answer, CustomStatus
from tests.durable.driven import Driven, work
from tests.durable.histories import BEGIN, RUN_ID

YES = {"approved": True}


class Approval(BaseModel):
    approved: bool


@flow
async def ask(run: Run, seconds: float | None) -> bool:
    timeout = timedelta(seconds=seconds) if seconds else None
    return (await run.ask("Approve?", Approval, timeout=timeout)).approved


@flow
async def forgiving(run: Run, seconds: float) -> str:
    try:
        return str(await run.ask("Approve?", Approval, timeout=timedelta(seconds=seconds)))
    except AnswerTimedOut as late:
        return late.code


@flow
async def beside(run: Run, number: int) -> list[object]:
    answer, done = await run.gather(run.ask("Approve?", Approval), run.step(work, number))
    return [answer.approved, done]


@flow
async def race(run: Run, number: int) -> int:
    timeout = timedelta(hours=1)
    won = await run.first(*(run.ask(which, Approval, timeout=timeout) for which in "abc"))
    await run.step(work, won.which)
    return won.which


@flow
async def clean(run: Run, number: int) -> bool:
    try:
        return (await run.ask("Approve?", Approval, timeout=timedelta(hours=1))).approved
    finally:
        await run.step(work, number)


def answer(run, question="q1", value='{"approved":true}', **more):
    run.raise_event(f"input:{question}", Answer(kind="answered", value_json=value).dumped(), **more)


def shown(run) -> CustomStatus:
    return CustomStatus.model_validate(run.statuses[-1])


def asked(run) -> list[str]:
    return [question.id for question in shown(run).input_requests]


def test_a_question_is_shown_with_what_its_answer_must_fit():
    """Readers make the schema from the model, so it takes no room here."""
    run = Driven(ask, 60)

    [question] = shown(run).input_requests
    assert (question.id, question.prompt) == ("q1", "Approve?")
    assert question.model == f"{__name__}:Approval"
    assert question.expires_at == run.now + timedelta(seconds=60)
    assert shown(run).waiting


@pytest.mark.parametrize("twice", [True, False])
def test_the_answer_is_typed(twice):
    """However the event is encoded."""
    run = Driven(ask, None)
    answer(run, twice=twice)

    assert run.output["result"] is True


def test_an_answer_cancels_the_timer():
    """The instance would stay Running until it fires."""
    run = Driven(ask, 60)
    assert run.labels == ["timer"]
    answer(run)

    assert run.completed


@pytest.mark.filterwarnings("ignore:Potential duplicate")  # the SDK takes note, and goes on
def test_an_answer_that_comes_twice_is_one_answer():
    """A sweeper, or whoever answers again, raises the event again."""
    run = Driven(race)
    answer(run, "q2")
    answer(run, "q2")
    run.do("work 1")

    assert run.output["result"] == 1


def test_no_question_is_shown_once_it_is_answered():
    """Although the run goes on."""
    run = Driven(clean)
    answer(run)

    assert run.labels == ["work 0"]
    assert (asked(run), shown(run).waiting) == ([], False)


def test_when_time_is_up_the_row_decides():
    """An answer may have been taken that isn't here yet."""
    run = Driven(forgiving, 60)
    run.fire()
    assert run.labels == ["close_question"]
    assert run.find("close_question").input["run_id"] == RUN_ID
    run.end("close_question", result=Answer(kind="answered", value_json='{"approved":false}').dumped())

    assert run.output["result"] == "approved=False"


def test_nobody_answered():
    """The flow may catch it."""
    run = Driven(forgiving, 60)
    run.fire()
    run.end("close_question", result=Answer(kind="timed_out").dumped())

    assert run.output["result"] == "answer_timed_out"


def test_a_time_out_that_is_not_caught_fails_the_run():
    """With a code that programs can tell from others."""
    run = Driven(ask, 60)
    run.fire()
    run.end("close_question", result=Answer(kind="timed_out").dumped())

    assert run.output["error"]["code"] == "answer_timed_out"


def test_closing_is_tried_until_it_works():
    """Flow and callers must agree, however long storage is away."""
    run = Driven(forgiving, 60)
    run.fire()
    for _ in range(15):
        run.fail("close_question")
        run.fire()
    run.end("close_question", result=Answer(kind="timed_out").dumped())

    assert run.output["result"] == "answer_timed_out"


@pytest.mark.parametrize("order", [1, -1])
def test_answer_and_time_out_in_one_episode(order):
    """Whichever is first in history, the answer is what stands: its row was there before its event."""
    run = Driven(forgiving, 60)
    timer = run.find("timer")
    timer.ended = True
    run.now = timer.fire_at
    fired = run._event(11, TimerId=timer.id, FireAt=timer.fire_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
    taken = Answer(kind="answered", value_json='{"approved":true}').dumped()
    run.episode(*[run.raised("input:q1", taken), fired][::order])
    if not run.done:
        run.end("close_question", result=taken)

    assert run.output["result"] == "approved=True"


def test_a_long_wait_is_a_loop_of_timers():
    """The SDK can't cancel long ones; and timers fire up to a second early."""
    run = Driven(forgiving, 7 * 86_400)
    timers = 0
    while run.labels == ["timer"]:
        assert run.under_way[0].fire_at - run.now < timedelta(days=3)
        run.fire(early=1)
        timers += 1

    assert timers == 4
    assert run.now >= BEGIN + timedelta(days=7)


def test_a_run_does_not_wait_for_people_while_a_step_goes_on():
    """It is Running then, with its questions shown."""
    run = Driven(beside, 3)
    assert (asked(run), shown(run).waiting) == (["q1"], False)
    run.do("work 3")
    assert (asked(run), shown(run).waiting) == (["q1"], True)
    answer(run)

    assert run.output["result"] == [True, 3]


def test_questions_that_lost_a_race_are_closed():
    """Their timers are cancelled, and an answer to them changes nothing."""
    run = Driven(race)
    assert (asked(run), shown(run).waiting) == (["q1", "q2", "q3"], True)
    answer(run, "q3")
    assert (asked(run), run.labels) == ([], ["work 2"])
    answer(run, "q1")
    run.do("work 2")

    assert run.completed
    assert run.output["result"] == 2


def test_cancel_while_waiting():
    """The question is closed, the flow cleans up, the timer is gone."""
    run = Driven(clean)
    run.raise_event("cancel", {})
    assert (asked(run), "work 0" in run.labels) == ([], True)
    run.do("work 0")
    run.end("complete_run")

    assert run.output["status"] == "Canceled"


def test_what_the_answer_url_did_not_give_fails_the_question():
    """An event that somebody raised by hand."""
    run = Driven(ask, None)
    run.raise_event("input:q1", YES)

    assert run.output["error"]["code"] == "answer_invalid"


def test_an_answer_that_no_longer_fits_fails_the_question():
    """The model was changed between the answer and the flow's next turn."""
    run = Driven(ask, None)
    answer(run, value='{"agreed":1}')

    assert run.output["error"]["code"] == "answer_invalid"


@flow
async def own_event(run: Run, number: int) -> None:
    await run.gather(
        run.ask("Approve?", Approval),
        run.durable(run.context.wait_for_external_event("input:q1")),
    )


def test_a_questions_event_is_its_own():
    """Two waits for one name would be served the wrong way round."""
    run = Driven(own_event)

    assert "awaited a second time" in run.output["error"]["message"]
