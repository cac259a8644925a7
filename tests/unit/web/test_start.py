"""Starting a run: what is answered, what is written, and that no 5xx follows a started run."""

import json

import pytest

from raincheck.errors import AlreadyStarted, NothingStarted, StorageUnavailable
from raincheck.outcomes import Outcome
from tests.unit.web.fakes import World, local


def finish_at(world, seconds):
    outcome = Outcome.succeeded({"text": "hello", "mood": None})
    world.orchestrations.at_start = lambda run_id: world.time.at(
        seconds, lambda: world.orchestrations.finish(run_id, outcome)
    )


async def test_done_in_time_is_answered_with_the_result(world):
    """The caller of short work gets its answer in the same response."""
    finish_at(world, 1)
    answer = await world.start()
    assert (answer.status_code, answer.json()["status"]) == (200, "Succeeded")
    assert answer.json()["result"] == {"text": "hello", "mood": None}


async def test_a_finished_run_has_no_continuation_token_and_a_status_url_that_works(world):
    """Null says that there is nothing to wait for; the URL still collects."""
    finish_at(world, 1)
    document = (await world.start()).json()
    assert document["continuation_token"] is None
    assert (await world.open.get(local(document["status_url"]))).json()["result"]["text"] == "hello"


async def test_a_failed_run_is_a_200_status_document(world):
    """A 5xx would make clients start it again."""
    world.orchestrations.at_start = lambda run_id: world.orchestrations.finish(
        run_id, Outcome.failed("step_failed", "No stock.")
    )
    answer = await world.start()
    assert answer.status_code == 200
    assert answer.json()["error"] == {"code": "step_failed", "message": "No stock."}


async def test_long_work_is_202_with_all_that_pollers_look_for(world):
    """azure-core and Logic Apps go by these headers."""
    answer = await world.start()
    url = answer.json()["status_url"]
    assert answer.status_code == 202
    assert answer.headers["location"] == answer.headers["operation-location"] == url
    assert int(answer.headers["retry-after"]) >= 1
    assert "raincheck-deadline" not in answer.headers


async def test_a_202_carries_a_token_that_opens_the_run(world):
    """The rain check itself."""
    document = (await world.start()).json()
    assert document["status_url"].endswith(f"/api/runs/{document['continuation_token']}")
    assert (await world.open.get(f"/runs/{document['continuation_token']}")).json()["id"] == document["id"]


async def test_the_orchestration_gets_the_checked_input_with_its_defaults(world):
    """The flow sees its own model, not what the caller left out."""
    await world.start()
    [(orchestrator, run_id, payload)] = world.orchestrations.started
    assert orchestrator == "run_flow"
    assert payload["run_id"] == run_id
    assert json.loads(payload["input_json"]) == {"name": "Ada", "times": 1, "tags": []}


async def test_the_row_keeps_what_the_status_shows_later(world):
    """Conversation and metadata don't travel through Durable."""
    document = (await world.start(conversation_id="c1", metadata={"ticket": "42"}, channel="teams")).json()
    row = world.runs.rows[document["id"]]
    assert (row.conversation_id, row.metadata, row.channel) == ("c1", {"ticket": "42"}, "teams")
    assert (document["conversation_id"], document["metadata"]) == ("c1", {"ticket": "42"})


async def test_a_callback_is_owed_and_stays_out_of_durable(world):
    """Its URL may be signed, and Durable's history is no place for secrets."""
    await world.start(callback={"url": "https://hooks.example.com/?sig=geheim"})
    [(_, run_id, payload)] = world.orchestrations.started
    assert payload["owes"] == ["callback"]
    assert "geheim" not in json.dumps(payload)
    assert world.runs.rows[run_id].callback.url.endswith("geheim")


@pytest.mark.parametrize("background", [None, True, False])
async def test_accepted_status_200_is_for_callers_that_take_nothing_else(world, background):
    """Some Copilot Studio connectors call 202 a failure."""
    answer = await world.keyed.post(
        "/flows/greet/runs?accepted_status=200", json={"input": {"name": "Ada"}, "background": background}
    )
    assert answer.status_code == 200
    assert answer.json()["continuation_token"]
    assert answer.headers["operation-location"] == answer.json()["status_url"]


async def test_an_environment_without_async_responses_gets_completed_while_the_run_goes_on():
    """Its caller can't come back, and must not think that the flow failed."""
    world = World(settings={"async_responses": False})
    answer = await world.start()
    assert (answer.status_code, answer.json()["status"]) == (200, "Succeeded")
    assert answer.json()["progress"]["message"] == "I'll greet them and tell you."
    assert "operation-location" not in answer.headers
    assert len(world.orchestrations.started) == 1


async def test_storage_away_before_the_start_is_503_and_starts_nothing(world):
    """Only where nothing was started may a client be told to try again."""
    world.runs.away = True
    answer = await world.start()
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert world.orchestrations.started == []


async def test_a_start_that_certainly_failed_is_503(world):
    """As above, with the row written already: nobody knows its id."""
    world.orchestrations.start_failure = NothingStarted("refused")
    assert (await world.start()).status_code == 503


@pytest.mark.parametrize("failure", [StorageUnavailable("cut"), AlreadyStarted("there")])
async def test_a_start_without_word_is_202_since_it_may_have_happened(world, failure):
    """A 5xx would start it twice; the status tells later what came of it."""
    world.orchestrations.start_failure = failure
    answer = await world.start()
    assert (answer.status_code, answer.json()["status"]) == (202, "NotStarted")


@pytest.mark.parametrize("failure", [StorageUnavailable("away"), RuntimeError("a bug")])
async def test_a_status_that_cannot_be_read_after_the_start_is_202(world, failure):
    """Whatever breaks after the start, the caller gets the token."""
    world.orchestrations.failure = failure
    assert (await world.start()).status_code == 202


async def test_storage_that_comes_back_while_waiting_changes_nothing(world):
    """A short outage in the middle is no reason to answer early."""
    finish_at(world, 3)
    world.orchestrations.failure = StorageUnavailable("away")
    world.time.at(1, lambda: setattr(world.orchestrations, "failure", None))
    assert (await world.start()).status_code == 200


async def test_waiting_looks_rarer_and_rarer(world):
    """A hundred seconds of waiting cost about a hundred reads, not two thousand."""
    await world.start(background=False)
    assert world.orchestrations.looks < 115


async def test_where_a_channel_delivers_to_is_kept_with_the_run(world):
    """The channel reads it out of the request, once, before anything is written."""
    world.wiring.channels["callback"].target_of = lambda request: {"room": request.metadata["room"]}
    run = (await world.start(metadata={"room": "1"})).json()
    assert world.runs.rows[run["id"]].targets == {"callback": {"room": "1"}}
