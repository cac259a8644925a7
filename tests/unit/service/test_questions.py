"""What human input does outside of flows: store, tell, close, and finish what a crash left."""

import pytest

from raincheck.models import CallbackRequest
from raincheck.outcomes import Outcome
from raincheck.payloads import Answer, QuestionCall, to_json
from raincheck.service.answers import ANSWER
from raincheck.service.ports import UnfinishedRow
from tests.unit.web.asked import question
from tests.unit.web.fakes import NOW, World

YES = Answer(kind="answered", value_json='{"approved":true}')


@pytest.fixture
def world():
    return World()


@pytest.fixture
def run_id(world):
    callback = CallbackRequest(url="https://example.com/", events=["run.input_required"])
    run_id = world.run(callback=callback)
    world.orchestrations.put(run_id, "Running")
    return run_id


@pytest.fixture
def answers(world):
    return world.uses.answers


async def test_storing_a_question(world, answers, run_id):
    """Readers find it by its instance."""
    asked = question(prompt="x" * 50_000)
    call = QuestionCall(run_id=run_id, question="q1", question_json=to_json(asked.model_dump(mode="json")))
    await answers.open(call)
    assert await world.answers.kept(run_id, ["q1", "q2"]) == [asked]
    assert world.orchestrations.started == []


async def test_telling_of_a_sub_flows_question(world, answers, run_id):
    """The callback is the whole run's."""
    call = QuestionCall(run_id=f"{run_id}:2:1", question="q3", deliver="2:1:q3-r1")
    await answers.open(call)
    assert world.orchestrations.started[0][1] == f"{run_id}:deliver:run.input_required:2:1:q3-r1"


@pytest.mark.parametrize("standing", [None, YES])
async def test_closing_gives_what_stands(world, answers, run_id, standing):
    """The time-out, or the answer that was faster; again and again the same."""
    if standing:
        await world.answers.decide(run_id, "q1", standing)
    call = QuestionCall(run_id=run_id, question="q1")
    for _ in range(2):
        assert await answers.close(call) == (standing or Answer(kind="timed_out"))


async def test_an_answer_whose_event_was_lost_is_raised_again(world, answers, run_id):
    """The host died between the row and the event."""
    await world.unfinished.add(ANSWER, f"{run_id}|q1")
    await world.answers.decide(run_id, "q1", YES)
    [note] = await world.unfinished.due(ANSWER, before=NOW)
    await answers.resume(note)
    assert world.orchestrations.events == [(run_id, "input:q1", YES.dumped())]
    assert world.unfinished.notes == {}


@pytest.mark.parametrize("standing", [None, Answer(kind="timed_out")])
async def test_a_note_without_an_answer_is_crossed_out(world, answers, run_id, standing):
    """The host died before the row, or the time-out was faster: the caller was never told 202."""
    if standing:
        await world.answers.decide(run_id, "q1", standing)
    await world.unfinished.add(ANSWER, f"{run_id}|q1")
    await answers.resume(UnfinishedRow(ANSWER, f"{run_id}|q1", NOW))
    assert (world.orchestrations.events, world.unfinished.notes) == ([], {})


async def test_a_note_of_a_run_that_has_ended_is_crossed_out(world, answers, run_id):
    """There is nobody to tell."""
    await world.answers.decide(run_id, "q1", YES)
    world.orchestrations.finish(run_id, Outcome.canceled())
    await world.unfinished.add(ANSWER, f"{run_id}|q1")
    await answers.resume(UnfinishedRow(ANSWER, f"{run_id}|q1", NOW))
    assert world.unfinished.notes == {}
