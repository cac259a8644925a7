"""What human input does outside of flows: store, tell, close, and finish what a crash left."""

import pytest

from raincheck.outcomes import Outcome
from raincheck.payloads import Answer, QuestionCall, to_json
from raincheck.service.answering import ANSWER_NOTES, Answering
from raincheck.service.ports import UnfinishedRow
from raincheck.service.questions import Questions
from tests.unit.web.asked import question
from tests.unit.web.fakes import NOW, World

YES = Answer(kind="answered", value_json='{"approved":true}')


@pytest.fixture
def world():
    return World()


@pytest.fixture
def run_id(world):
    run_id = world.run()
    world.orchestrations.put(run_id, "Running")
    return run_id


@pytest.fixture
def told():
    return []


@pytest.fixture
def questions(world, told):
    async def tell(orchestrations, *delivery):
        told.append(delivery)

    return Questions(answers=world.answers, tell=tell)


@pytest.fixture
def answering(world):
    return Answering(answers=world.answers, unfinished=world.unfinished)


async def test_storing_a_question(world, questions, told, run_id):
    """Readers find it by its instance."""
    asked = question(prompt="x" * 50_000)
    call = QuestionCall(run_id=run_id, question="q1", question_json=to_json(asked.model_dump(mode="json")))
    await questions.open(call, world.orchestrations)
    assert await world.answers.kept(run_id, ["q1", "q2"]) == [asked]
    assert told == []


async def test_telling_of_a_sub_flows_question(world, questions, told, run_id):
    """The callback is the whole run's."""
    call = QuestionCall(run_id=f"{run_id}:2:1", question="q3", deliver="2:1:q3-r1")
    await questions.open(call, world.orchestrations)
    assert told == [(run_id, "run.input_required", "2:1:q3-r1")]


@pytest.mark.parametrize("standing", [None, YES])
async def test_closing_gives_what_stands(world, questions, run_id, standing):
    """The time-out, or the answer that was faster; again and again the same."""
    if standing:
        await world.answers.decide(run_id, "q1", standing)
    call = QuestionCall(run_id=run_id, question="q1")
    for _ in range(2):
        assert await questions.close(call) == (standing or Answer(kind="timed_out"))


async def test_an_answer_whose_event_was_lost_is_raised_again(world, answering, run_id):
    """The host died between the row and the event."""
    await world.unfinished.add(ANSWER_NOTES, f"{run_id}|q1")
    await world.answers.decide(run_id, "q1", YES)
    [note] = await world.unfinished.due(ANSWER_NOTES, before=NOW)
    await answering.again(note, world.orchestrations)
    assert world.orchestrations.events == [(run_id, "input:q1", YES.dumped())]
    assert world.unfinished.notes == {}


@pytest.mark.parametrize("standing", [None, Answer(kind="timed_out")])
async def test_a_note_without_an_answer_is_crossed_out(world, answering, run_id, standing):
    """The host died before the row, or the time-out was faster: the caller was never told 202."""
    if standing:
        await world.answers.decide(run_id, "q1", standing)
    await world.unfinished.add(ANSWER_NOTES, f"{run_id}|q1")
    await answering.again(UnfinishedRow(ANSWER_NOTES, f"{run_id}|q1", NOW), world.orchestrations)
    assert (world.orchestrations.events, world.unfinished.notes) == ([], {})


async def test_a_note_of_a_run_that_has_ended_is_crossed_out(world, answering, run_id):
    """There is nobody to tell."""
    await world.answers.decide(run_id, "q1", YES)
    world.orchestrations.finish(run_id, Outcome.canceled())
    await world.unfinished.add(ANSWER_NOTES, f"{run_id}|q1")
    await answering.again(UnfinishedRow(ANSWER_NOTES, f"{run_id}|q1", NOW), world.orchestrations)
    assert world.unfinished.notes == {}
