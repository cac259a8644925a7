"""The answer URL: checked before anything is taken, taken once, and told to the flow."""

import pytest

from raincheck.errors import StorageUnavailable
from raincheck.outcomes import Outcome
from raincheck.payloads import Answer
from tests.unit.web.asked import answer_urls, document_of, question, show
from tests.unit.web.fakes import local

YES, NO = {"approved": True}, {"approved": False}


@pytest.fixture
def run_id(world):
    """A run that waits for an approval."""
    run_id = world.run()
    show(world, run_id, question())
    return run_id


@pytest.fixture
async def url(world, run_id):
    [url] = await answer_urls(world, run_id)
    return url


async def give(world, url, value=YES, **options):
    return await world.open.post(url, json={"value": value}, **options)


async def test_an_answer_is_taken(world, run_id, url):
    """Its row stands, its event is raised, nothing is left for the sweeper."""
    answer = await give(world, url)
    assert answer.status_code == 202
    assert world.answers.rows[run_id, "q1"] == Answer(kind="answered", value_json='{"approved":true}')
    [(instance, name, value)] = world.orchestrations.events
    assert (instance, name) == (run_id, "input:q1")
    assert value == world.answers.rows[run_id, "q1"].dumped()
    assert world.unfinished.notes == {}


async def test_the_document_shows_that_the_run_goes_on(world, url):
    """Although its flow may not have had its turn yet: pollers would ask for the answer again."""
    document = (await give(world, url)).json()
    assert (document["status"], document["input_requests"]) == ("Running", [])
    assert document["continuation_token"]


async def test_other_questions_stay(world, run_id):
    """Each has its own."""
    show(world, run_id, question(1), question(2))
    urls = await answer_urls(world, run_id)
    await give(world, urls[0])
    document = await document_of(world, run_id)
    assert [request["id"] for request in document["input_requests"]] == ["q2"]


async def test_the_same_answer_again_raises_the_event_again(world, url):
    """A crash may have swallowed it."""
    await give(world, url, {"approved": True, "reason": "ü"})
    again = await give(world, url, {"reason": "ü", "approved": True})
    assert again.status_code == 202
    assert len(world.orchestrations.events) == 2


async def test_another_answer_is_refused(world, run_id, url):
    """Its caller must know that it doesn't stand."""
    await give(world, url)
    other = await give(world, url, NO)
    assert (other.status_code, other.json()["code"]) == (409, "already_answered")
    assert world.answers.rows[run_id, "q1"].value_json == '{"approved":true}'


async def test_who_comes_second_by_a_moment_raises_the_event_of_the_first(world, run_id, url):
    """The first may have died between its row and its event."""
    first = Answer(kind="answered", value_json='{"approved":false}')
    world.answers.meanwhile = lambda: world.answers.rows.setdefault((run_id, "q1"), first)
    second = await give(world, url)
    assert second.status_code == 409
    assert world.orchestrations.events == [(run_id, "input:q1", first.dumped())]


@pytest.mark.parametrize("when", ["before", "meanwhile"])
async def test_when_time_is_up_it_is_too_late(world, run_id, url, when):
    """The flow has gone on without it."""
    late = Answer(kind="timed_out")
    if when == "before":
        world.answers.rows[run_id, "q1"] = late
    else:
        world.answers.meanwhile = lambda: world.answers.rows.setdefault((run_id, "q1"), late)
    answer = await give(world, url)
    assert (answer.status_code, answer.json()["code"]) == (410, "question_closed")
    assert world.orchestrations.events == []


@pytest.mark.parametrize("asks", ["another", "nothing", "ended"])
async def test_a_question_that_is_no_longer_open_is_410(world, run_id, url, asks):
    """It lost a race, its run was cancelled, or has ended."""
    if asks == "another":
        show(world, run_id, question(2))
    elif asks == "nothing":
        show(world, run_id)
    else:
        world.orchestrations.finish(run_id, Outcome.canceled())
    answer = await give(world, url)
    assert (answer.status_code, answer.json()["code"]) == (410, "question_closed")
    assert world.answers.rows == {}


async def test_a_run_that_ends_just_then_is_410(world, run_id, url):
    """It has not seen the answer."""
    world.answers.meanwhile = lambda: world.orchestrations.finish(run_id, Outcome.canceled())
    assert (await give(world, url)).status_code == 410


async def test_the_same_answer_after_the_end_is_taken_for_what_it_is(world, run_id, url):
    """Whoever didn't get our 202 asks again, and needn't know that the run was quick."""
    await give(world, url)
    world.orchestrations.finish(run_id, Outcome.succeeded(1))
    again = await give(world, url)
    assert (again.status_code, again.json()["status"]) == (202, "Succeeded")


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({}, "value.approved"),
        ({"approved": "yes"}, "value.approved"),
        ({"approved": 1}, "value.approved"),
        ([], "value"),
        (None, "value"),
        (True, "value"),
    ],
)
async def test_what_does_not_fit_is_422_and_nothing_is_taken(world, url, value, path):
    """As the schema says, which the caller was shown."""
    answer = await give(world, url, value)
    assert answer.status_code == 422
    assert [error["path"] for error in answer.json()["errors"]] == [path]
    assert (world.answers.rows, world.orchestrations.events) == ({}, [])


@pytest.mark.parametrize("body", [{}, [], {"value": YES, "more": 1}, {"approved": True}, "yes"])
async def test_another_body_is_422(world, url, body):
    """Nothing is guessed."""
    answer = await world.open.post(url, json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == "value"


async def test_a_value_that_no_row_can_hold_is_413(world, url):
    """Before anything is taken."""
    answer = await give(world, url, {"approved": True, "reason": "ü" * 30_000})
    assert (answer.status_code, answer.json()["code"]) == (413, "answer_too_large")
    assert (await give(world, url, {"approved": True, "reason": "ü" * 29_000})).status_code == 202


@pytest.mark.parametrize("scope", ["read", "cancel"])
async def test_other_tokens_open_nothing(world, run_id, scope):
    """Who may read may not decide."""
    assert (await give(world, f"/runs/{world.token(run_id, scope=scope)}/answer")).status_code == 404


async def test_an_answer_url_reads_nothing(world, url):
    """Nor does who may decide one question see the run by it."""
    assert (await world.open.get(url.removesuffix("/answer"))).status_code == 404
    assert (await world.open.get(url)).status_code == 405


async def test_a_caller_that_takes_only_200(world, url):
    """As everywhere."""
    assert (await give(world, url, params={"accepted_status": "200"})).status_code == 200


async def test_storage_that_fails_leaves_a_note(world, run_id, url):
    """The row may stand already: the sweeper raises its event."""

    async def away(*_):
        raise StorageUnavailable("the engine is away")

    world.orchestrations.raise_event = away
    assert (await give(world, url)).status_code == 503
    assert world.unfinished.notes.keys() == {("answer", f"{run_id}|q1")}


async def test_a_model_that_is_gone_closes_its_questions(world, run_id):
    """The flow could do nothing with an answer."""
    show(world, run_id, question().model_copy(update={"model": "flows.gone:Model"}))
    document = await document_of(world, run_id)
    [request] = document["input_requests"]
    assert request["schema"] == {}
    assert (await give(world, local(request["answer_url"]))).status_code == 410


async def test_a_sub_flows_question(world, run_id):
    """It is answered at the sub-flow, and opens the whole run's document."""
    show(world, run_id, flows="1")
    show(world, f"{run_id}:1", question())
    [url] = await answer_urls(world, run_id)
    answer = await give(world, url)
    assert (answer.status_code, answer.json()["id"]) == (202, run_id)
    assert [event[0] for event in world.orchestrations.events] == [f"{run_id}:1"]
