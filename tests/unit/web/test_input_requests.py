"""How a run that asks is shown: to pollers, and to followers."""

import json

import pytest

from raincheck.outcomes import Outcome
from raincheck.service.documents import StatusDocuments
from tests.unit.web.asked import document_of, question, show

STREAM = {"Accept": "text/event-stream"}
PAGE = {"Accept": "application/json"}


@pytest.fixture
def run_id(world):
    return world.run()


async def test_a_run_that_waits(world, run_id):
    """No token to poll with, and all that an answer needs."""
    show(world, run_id, question(expires_at=world.time.clock()))
    answer = await world.open.get(f"/runs/{world.token(run_id)}")
    document = answer.json()
    assert (answer.status_code, document["status"]) == (200, "InputRequired")
    assert document["continuation_token"] is None
    [request] = document["input_requests"]
    assert (request["id"], request["prompt"]) == ("q1", "Approve?")
    assert request["schema"]["required"] == ["approved"]
    assert request["expires_at"] == "2026-11-21T15:00:00Z"


async def test_a_run_that_asks_and_works(world, run_id):
    """It is Running, with its questions."""
    show(world, run_id, question(), waiting=False)
    document = await document_of(world, run_id)
    assert (document["status"], len(document["input_requests"])) == ("Running", 1)
    assert document["continuation_token"]


async def test_stored_questions_are_shown_in_order(world, run_id):
    """Those in the status and those that had no room there."""
    show(world, run_id, question(2), stored="1,3")
    for number in (1, 3):
        await world.answers.keep(run_id, question(number, prompt="x" * 50_000))
    document = await document_of(world, run_id)
    assert [request["id"] for request in document["input_requests"]] == ["q1", "q2", "q3"]
    assert document["status"] == "InputRequired"


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [
        ({"waiting": True}, {"waiting": True}, "InputRequired"),
        ({"waiting": True}, {"waiting": False}, "Running"),
        ({"waiting": True}, None, "Running"),
    ],
    ids=["both wait", "one works", "one is just being started"],
)
async def test_a_run_waits_where_all_its_sub_flows_do(world, run_id, first, second, status):
    """InputRequired means that nothing goes on."""
    show(world, run_id, flows="1-2")
    show(world, f"{run_id}:1", question(), **first)
    if second is not None:
        show(world, f"{run_id}:2", question(), **second)
    document = await document_of(world, run_id)
    assert document["status"] == status
    assert document["input_requests"][0]["id"] == "1:q1"


async def test_sub_flows_of_sub_flows(world, run_id):
    """All the way down."""
    show(world, run_id, flows="1")
    show(world, f"{run_id}:1", flows="2")
    show(world, f"{run_id}:1:2", question(7))
    document = await document_of(world, run_id)
    assert [request["id"] for request in document["input_requests"]] == ["1:2:q7"]
    assert document["status"] == "InputRequired"


async def test_a_sub_flow_that_has_ended_asks_nothing(world, run_id):
    """Its parent doesn't know yet."""
    show(world, run_id, question(), flows="1")
    world.orchestrations.finish(f"{run_id}:1", Outcome.succeeded(1))
    document = await document_of(world, run_id)
    assert (document["status"], len(document["input_requests"])) == ("InputRequired", 1)


async def test_a_parent_whose_sub_flow_asks_nothing_is_running(world, run_id):
    """Sub-flows that only work need no person."""
    show(world, run_id, flows="1")
    show(world, f"{run_id}:1", waiting=False)
    assert (await document_of(world, run_id))["status"] == "Running"


async def test_a_run_that_asks_nothing_costs_one_look(world, run_id):
    """As before there were questions."""
    world.orchestrations.progress(run_id, 50)
    world.orchestrations.looks = 0
    await document_of(world, run_id)
    assert world.orchestrations.looks == 1


async def test_a_callback_carries_no_answer_url(world, run_id):
    """What goes out by itself may only read; its status URL gives the rest."""
    show(world, run_id, question())
    view = await world.uses.status.read(world.runs.rows[run_id])
    document = StatusDocuments(world.tokens, "http://x").of(view, can_act=False)
    assert [request.answer_url for request in document.input_requests] == [None]


async def test_whoever_waits_is_told_at_once(world, run_id):
    """A new question is a change."""
    show(world, run_id, question(), waiting=False)
    world.time.at(3, lambda: show(world, run_id, question(1), question(2), waiting=False))
    answer = await world.open.get(f"/runs/{world.token(run_id)}", headers={"Prefer": "wait=30"})
    assert len(answer.json()["input_requests"]) == 2
    assert world.time.seconds < 5


def events(text):
    return [json.loads(line.removeprefix("data: ")) for line in text.splitlines() if line.startswith("data")]


async def follow(world, run_id, query="", headers=STREAM):
    return await world.open.get(f"/runs/{world.token(run_id)}/events{query}", headers=headers)


async def test_a_stream_tells_each_set_once_and_stays(world, run_id):
    """Until the run has ended."""
    show(world, run_id, question(1))
    world.time.at(10, lambda: show(world, run_id, question(1), question(2)))
    world.time.at(20, lambda: show(world, run_id, question(2)))
    world.time.at(30, lambda: world.orchestrations.finish(run_id, Outcome.succeeded(1)))
    told = events((await follow(world, run_id)).text)
    assert [event["type"] for event in told] == [
        "run.started",
        "run.input_required",
        "run.input_required",
        "run.succeeded",
    ]
    assert [len(event.get("input_requests", [])) for event in told] == [0, 1, 2, 0]


async def test_it_has_no_number_and_the_token_goes_on_after_what_was_read(world, run_id):
    """It is not part of the log."""
    show(world, run_id, question())
    world.time.at(10, lambda: world.orchestrations.finish(run_id, Outcome.succeeded(1)))
    [started, asked, _] = events((await follow(world, run_id)).text)
    assert "sequence_number" not in asked
    assert world.tokens.read(asked["continuation_token"], "read").position.sequence == 1
    assert asked["input_requests"][0]["answer_url"].startswith("http")
    assert started["sequence_number"] == 0


async def test_a_stream_ends_there_if_asked_to(world, run_id):
    """For readers that show the question and come back later."""
    show(world, run_id, question())
    told = events((await follow(world, run_id, "?until=input")).text)
    assert [event["type"] for event in told] == ["run.started", "run.input_required"]


async def test_another_end_is_422(world, run_id):
    """Rather than ignored."""
    answer = await follow(world, run_id, "?until=tomorrow")
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "until")


async def test_a_stream_of_a_run_that_asks_and_works_says_nothing(world, run_id):
    """It is sent when the run waits."""
    show(world, run_id, question(), waiting=False)
    world.time.at(10, lambda: world.orchestrations.finish(run_id, Outcome.succeeded(1)))
    told = events((await follow(world, run_id)).text)
    assert [event["type"] for event in told] == ["run.started", "run.succeeded"]


@pytest.mark.parametrize(("query", "seconds"), [("?after=0", 0), ("?after=0&wait=20", 20)])
async def test_a_page_without_news_has_what_is_asked(world, run_id, query, seconds):
    """After the wait, so that a reader who asks again and again isn't answered again and again."""
    show(world, run_id, question())
    page = (await follow(world, run_id, query, PAGE)).json()
    assert [event["type"] for event in page["events"]] == ["run.input_required"]
    assert world.tokens.read(page["continuation_token"], "read").position.sequence == 1
    assert world.time.seconds == seconds


async def test_a_page_may_end_its_wait_there(world, run_id):
    """With `?until=input`."""
    show(world, run_id, question())
    await follow(world, run_id, "?after=0&wait=20&until=input", PAGE)
    assert world.time.seconds < 2


async def test_a_page_with_events_has_only_those(world, run_id):
    """What is asked may be old news by then; the next page tells."""
    show(world, run_id, question())
    page = (await follow(world, run_id, "", PAGE)).json()
    assert [event["type"] for event in page["events"]] == ["run.started"]
