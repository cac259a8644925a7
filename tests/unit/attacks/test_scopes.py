"""Scopes only shrink: whatever a token opens hands out nothing that may more, or lives longer, than it."""

import json
from datetime import timedelta

import pytest

from raincheck.outcomes import Outcome
from raincheck.service.documents import StatusDocuments
from tests.unit.web.asked import question, show
from tests.unit.web.fakes import local

STREAM, PAGE = {"Accept": "text/event-stream"}, {"Accept": "application/json"}
HOUR = 3600  # the life of a token here


@pytest.fixture
def asking(world):
    """A run that asks, and could be cancelled."""
    run_id = world.run()
    show(world, run_id, question())
    return run_id


async def in_callback(world, run_id):
    view = await world.uses.status.read(world.runs.rows[run_id])
    return StatusDocuments(world.tokens, "http://x/api").of(view, can_act=False).model_dump(mode="json")


def told(text):
    return [json.loads(line.removeprefix("data: ")) for line in text.splitlines() if line.startswith("data")]


def assert_only_reads(document):
    assert document["cancel_url"] is None
    assert [request["answer_url"] for request in document["input_requests"]] == [None]


async def test_a_callback_opens_a_document_that_only_reads(world, asking):
    """The attack: who GETs the `status_url` of a callback became the owner of the run."""
    document = await in_callback(world, asking)
    for _ in range(3):  # nor does it grow on the way
        assert_only_reads(document)
        answer = await world.open.get(local(document["status_url"]))
        assert answer.status_code == 200
        document = answer.json()
    assert_only_reads(document)


async def test_a_callback_opens_events_that_only_read(world, asking):
    """Questions are told, and who may answer them is not."""
    url = local((await in_callback(world, asking))["events_url"])
    streamed = told((await world.open.get(f"{url}?until=input", headers=STREAM)).text)
    paged = (await world.open.get(f"{url}?after=0&until=input", headers=PAGE)).json()
    for asked in (streamed[-1], paged["events"][-1]):
        assert asked["type"] == "run.input_required"
        assert [request["answer_url"] for request in asked["input_requests"]] == [None]
    assert_only_reads((await world.open.get(f"/runs/{paged['continuation_token']}")).json())


@pytest.mark.parametrize("headers", [STREAM, PAGE], ids=["stream", "page"])
async def test_a_token_out_of_an_event_only_reads(world, asking, headers):
    """The attack: events are passed on to pages and logs, and each held the owner's token."""
    answer = await world.open.get(f"/runs/{world.token(asking)}/events?until=input", headers=headers)
    events = told(answer.text) if headers is STREAM else answer.json()["events"]
    for event in events:
        assert_only_reads((await world.open.get(f"/runs/{event['continuation_token']}")).json())


async def test_the_token_of_stream_resume_only_reads(world):
    """It stands among the events, and goes where they go."""
    run_id = world.run()
    world.orchestrations.progress(run_id, 1)
    answer = await world.open.get(f"/runs/{world.token(run_id)}/events", headers=STREAM)
    resume = told(answer.text)[-1]
    assert resume["type"] == "stream.resume"
    assert world.tokens.read(resume["continuation_token"], "read").scope == "view"


async def test_the_owner_keeps_what_it_has(world, asking):
    """Polling, reading page by page, and being told of a question change nothing for who started the run."""
    document = (await world.open.get(f"/runs/{world.token(asking)}")).json()
    assert document["cancel_url"]
    page = (await world.open.get(f"{local(document['events_url'])}", headers=PAGE)).json()
    assert world.tokens.read(page["continuation_token"], "read").may_act
    streamed = told((await world.open.get(f"{local(document['events_url'])}?until=input")).text)
    assert streamed[-1]["input_requests"][0]["answer_url"]


@pytest.mark.parametrize("act", ["cancel", "answer"])
async def test_who_may_act_may_read_and_no_more(world, asking, act):
    """An `answer_url` is passed to whom a question concerns: answering doesn't hand over the run."""
    if act == "answer":
        show(world, asking, question(1), question(2))
    document = (await world.open.get(f"/runs/{world.token(asking)}")).json()
    url = document["cancel_url"] if act == "cancel" else document["input_requests"][0]["answer_url"]
    answered = (await world.open.post(local(url), json={"value": {"approved": True}})).json()
    assert_only_reads(answered)
    assert_only_reads((await world.open.get(local(answered["status_url"]))).json())


@pytest.mark.parametrize("path", ["cancel", "answer"])
async def test_a_token_that_reads_does_not_act(world, asking, path):
    """404, as for every token that is not good for it."""
    token = world.token(asking, scope="view")
    answer = await world.open.post(f"/runs/{token}/{path}", json={"value": {"approved": True}})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("scope", ["read", "view"])
async def test_no_chain_of_renewals_outlives_a_life_after_the_end(world, scope):
    """The attack: a token that was renewed each day was good for as long as the run was kept."""
    run_id = world.run()
    world.orchestrations.progress(run_id, 1)
    token = world.token(run_id, scope=scope)
    for _ in range(4):  # while it goes on renewals extend
        world.time.seconds += HOUR - 1
        token = (await world.open.get(f"/runs/{token}")).json()["continuation_token"]
    world.orchestrations.finish(run_id, Outcome.succeeded(1))
    ended_at = world.time.clock()
    for _ in range(3):
        world.time.seconds += HOUR / 4
        document = (await world.open.get(f"/runs/{token}")).json()
        token = document["status_url"].rpartition("/")[2]
        assert world.tokens.read(token, "read").expires_at <= ended_at + timedelta(hours=1, seconds=1)
    world.time.seconds += HOUR / 4 + 2
    assert (await world.open.get(f"/runs/{token}")).status_code == 410


@pytest.mark.parametrize("headers", [STREAM, PAGE], ids=["stream", "page"])
async def test_events_of_a_run_that_has_ended_renew_nothing(world, headers):
    """Neither by reading it again."""
    run_id = world.run()
    world.log.add(run_id, "run.started")
    world.log.add(run_id, "output.data", data=1)
    world.log.add(run_id, "run.succeeded", result=1)
    world.orchestrations.finish(run_id, Outcome.succeeded(1))
    token = world.token(run_id)
    expires_at = world.tokens.read(token, "read").expires_at
    world.time.seconds += HOUR / 2
    answer = await world.open.get(f"/runs/{token}/events", headers=headers)
    events = told(answer.text) if headers is STREAM else answer.json()["events"]
    renewed = [event["continuation_token"] for event in events[:-1]]
    assert {world.tokens.read(each, "read").expires_at for each in renewed} == {expires_at}


async def test_a_key_makes_tokens_of_a_whole_life(world):
    """Who manages runs, or sends a start again, came with a key: nothing is renewed."""
    run_id = world.run()
    world.orchestrations.finish(run_id, Outcome.succeeded(1))
    world.time.seconds += 10 * HOUR
    document = (await world.keyed.get(f"/manage/runs/{run_id}")).json()
    assert (await world.open.get(local(document["status_url"]))).status_code == 200
