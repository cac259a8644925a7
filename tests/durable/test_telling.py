"""Callbacks for questions: started once a question, reminded of, and never in the way of the answer."""

from datetime import timedelta

import pytest
from pydantic import BaseModel

from raincheck import Run, flow
from raincheck.payloads import Answer, CustomStatus
from tests.durable.driven import Driven
from tests.durable.histories import RUN_ID

OWED = ("callback", "input_callback")


class Note(BaseModel):
    text: str


@flow
async def ask(run: Run, reminded: int) -> str:
    hourly = timedelta(hours=1) if reminded else None
    return (await run.ask("Well?", Note, remind_every=hourly, timeout=timedelta(hours=3))).text


@flow
async def below(run: Run, number: int) -> str:
    return await run.flow(ask, 0)


def answer(run):
    run.raise_event("input:q1", Answer(kind="answered", value_json='{"text":"a"}').dumped())


def shown(run) -> CustomStatus:
    return CustomStatus.model_validate(run.statuses[-1])


def told(run) -> list[str]:
    return [task.input["deliver"] for task in run.scheduled if task.label == "open_question"]


@pytest.mark.parametrize("owes", [(), ("callback",)])
def test_nobody_is_told_who_did_not_ask_for_it(owes):
    """Then reminders cost nothing either."""
    run = Driven(ask, 1, owes=owes)

    assert run.labels == ["timer"]


def test_the_question_is_shown_before_anybody_is_told():
    """Who is told looks at once."""
    run = Driven(ask, 0, owes=OWED)

    assert told(run) == ["q1"]
    assert (len(shown(run).input_requests), shown(run).waiting) == (1, True)


def test_reminders_have_ids_of_their_own():
    """Receivers drop what they have had by its id."""
    run = Driven(ask, 1, owes=OWED)
    for _ in range(2):
        run.end("open_question")
        run.fire()

    assert told(run) == ["q1", "q1-r1", "q1-r2"]


def test_an_answer_ends_the_reminders():
    """And the run, with nothing left under way."""
    run = Driven(ask, 1, owes=OWED)
    run.end("open_question")
    answer(run)
    run.end("complete_run")

    assert run.completed
    assert run.output["result"] == "a"


def test_an_answer_may_come_before_anybody_was_told():
    """By whoever polls."""
    run = Driven(ask, 0, owes=OWED)
    answer(run)
    run.end("open_question")
    run.end("complete_run")

    assert run.output["result"] == "a"


def test_a_question_that_nobody_can_be_told_of_waits_on():
    """Callers that poll see it all the same."""
    run = Driven(ask, 0, owes=OWED)
    while "open_question" in run.labels or told(run).count("q1") < 10:
        if "open_question" in run.labels:
            run.fail("open_question")
        else:
            run.fire()
    assert shown(run).waiting
    answer(run)
    run.end("complete_run")

    assert run.output["result"] == "a"


def test_a_sub_flow_tells_by_an_id_within_the_whole_run():
    """And owes nothing at its end."""
    parent = Driven(below, owes=OWED, others=(ask,))
    given = parent.find("flow 1").input
    assert given["owes"] == ["input_callback"]
    run = Driven(ask, 0, run_id=f"{RUN_ID}:1", owes=given["owes"])
    assert told(run) == ["1:q1"]
    run.end("open_question")
    answer(run)

    assert run.completed


def test_a_parent_waits_where_only_its_sub_flows_go_on():
    """They say themselves whether they wait; a reader looks there."""
    run = Driven(below, others=(ask,))

    assert (shown(run).waiting, shown(run).flows) == (True, "1")
