"""Start once: whatever dies or races, a key has one run, and a retry finds it."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from raincheck.errors import NothingStarted, StorageUnavailable
from raincheck.outcomes import Outcome
from tests.unit.web.fakes import World

KEY = {"Idempotency-Key": "order-42"}
TAKEOVER = 30


def the_row(world):
    [row] = world.keys.rows.values()
    return row


def crash(world, state="claimed"):
    """Leave the key as a starter does that dies before Durable has the run."""
    world.keys.rows = {key: replace(row, state=state) for key, row in world.keys.rows.items()}
    world.orchestrations.instances.clear()
    world.orchestrations.started.clear()


async def test_a_second_copy_answers_with_the_same_run(world):
    """That is what the key is for."""
    first, second = await world.start(headers=KEY), await world.start(headers=KEY)
    assert first.json()["id"] == second.json()["id"]
    assert (first.headers.get("idempotency-replayed"), second.headers["idempotency-replayed"]) == (
        None,
        "true",
    )
    assert len(world.orchestrations.started) == 1


async def test_of_fifty_copies_at_once_one_starts(world):
    """The others find it, or are told to come back."""
    answers = await asyncio.gather(*(world.start(headers=KEY, background=True) for _ in range(50)))
    assert len(world.orchestrations.started) == 1
    assert {answer.status_code for answer in answers} <= {202, 409}


async def test_another_body_under_the_key_is_refused(world):
    """It would get the result of something that it didn't ask for."""
    await world.start(headers=KEY)
    answer = await world.start(headers=KEY, input={"name": "Grace"})
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


async def test_another_flow_under_the_key_is_refused(world):
    """A key belongs to the app, not to a flow."""
    await world.start(headers=KEY, input={})
    await world.start("fire", headers=KEY, input={})
    answer = await world.start("nightly", headers=KEY, input=None)
    assert answer.json()["code"] == "idempotency_key_reused"


async def test_the_order_of_members_does_not_matter(world):
    """JSON objects have none."""
    url, headers = "/flows/greet/runs", {**KEY, "Content-Type": "application/json"}
    for body in ('{"input":{"name":"A","times":2}}', '{ "input": {"times": 2, "name": "A"} }'):
        answer = await world.keyed.post(url, content=body, headers=headers)
    assert answer.headers["idempotency-replayed"] == "true"


async def test_a_retry_after_the_end_gives_the_result(world):
    """It never runs again, also where the caller doesn't wait."""
    document = (await world.start(headers=KEY, background=True)).json()
    world.orchestrations.finish(document["id"], Outcome.succeeded({"text": "hello", "mood": None}))
    answer = await world.start(headers=KEY, background=True)
    assert (answer.status_code, answer.json()["result"]["text"]) == (200, "hello")
    assert len(world.orchestrations.started) == 1


async def test_a_retry_waits_as_a_start_would(world):
    """Its caller is the same one, with the same patience."""
    run_id = (await world.start(headers=KEY)).json()["id"]
    outcome = Outcome.succeeded({"text": "hello", "mood": None})
    world.time.at(world.time.seconds + 2, lambda: world.orchestrations.finish(run_id, outcome))
    assert (await world.start(headers=KEY)).json()["status"] == "Succeeded"


async def test_while_a_start_is_young_copies_are_told_to_come_back(world):
    """Its starter may be about to ask Durable."""
    await world.start(headers=KEY)
    crash(world)
    answer = await world.start(headers=KEY)
    assert (answer.status_code, answer.json()["code"]) == (409, "start_in_progress")
    assert int(answer.headers["retry-after"]) >= 1
    assert world.orchestrations.started == []


@pytest.mark.parametrize("state", ["claimed", "starting"])
async def test_a_start_that_died_is_made_by_the_retry_under_the_same_id(world, state):
    """Two starts of one id are one run, should the first one arrive after all."""
    run_id = (await world.start(headers=KEY)).json()["id"]
    crash(world, state)
    world.time.seconds += TAKEOVER
    answer = await world.start(headers=KEY)
    assert [started[1] for started in world.orchestrations.started] == [run_id]
    assert "idempotency-replayed" not in answer.headers


async def test_of_many_retries_after_a_crash_one_starts(world):
    """A takeover is a race like the first start."""
    await world.start(headers=KEY, background=True)
    crash(world)
    world.time.seconds += TAKEOVER
    await asyncio.gather(*(world.start(headers=KEY, background=True) for _ in range(20)))
    assert len(world.orchestrations.started) == 1


async def test_a_starter_that_was_overtaken_does_not_start(world):
    """It was slow before it asked Durable, and its run is another's by now."""

    def overtake(row):
        if row.state == "starting":
            world.keys.rows[row.key] = replace(row, starter="another", etag="another's")

    world.keys.meanwhile = overtake
    answer = await world.start(headers=KEY)
    assert (answer.status_code, world.orchestrations.started) == (409, [])


async def test_a_starter_whose_confirmation_took_too_long_does_not_start(world):
    """It can't be certain any more that nobody has taken over."""

    def dawdle(row):
        world.time.seconds += 11 if row.state == "starting" else 0

    world.keys.meanwhile = dawdle
    answer = await world.start(headers=KEY)
    assert (answer.status_code, world.orchestrations.started) == (503, [])


async def test_after_a_start_that_certainly_failed_a_retry_may_start_at_once(world):
    """Nobody has to wait for a takeover where it is known that nothing runs."""
    world.orchestrations.start_failure = NothingStarted("refused")
    assert (await world.start(headers=KEY)).status_code == 503
    world.orchestrations.start_failure = None
    assert (await world.start(headers=KEY)).status_code == 202
    assert len(world.orchestrations.started) == 1


async def test_where_the_start_gave_no_answer_the_key_stays_taken(world):
    """The run may be there: only the takeover may try again."""
    world.orchestrations.start_failure = StorageUnavailable("no answer")
    assert (await world.start(headers=KEY)).status_code == 202
    assert the_row(world).state == "starting"


async def test_a_run_that_was_cleared_away_is_not_run_again(world):
    """The row stands, its run is gone: the answer says so."""
    document = (await world.start(headers=KEY)).json()
    world.orchestrations.instances.clear()
    world.runs.rows.pop(document["id"])
    world.time.seconds += TAKEOVER
    answer = await world.start(headers=KEY)
    assert (answer.status_code, answer.json()["code"]) == (410, "run_gone")


async def test_an_outcome_without_durable_history_is_replayed(world):
    """What is known of the run is its outcome."""
    run_id = (await world.start(headers=KEY)).json()["id"]
    world.orchestrations.instances.clear()
    world.outcomes.rows[run_id] = Outcome.canceled()
    world.time.seconds += TAKEOVER
    answer = await world.start(headers=KEY)
    assert (answer.status_code, answer.json()["status"]) == (200, "Canceled")


async def test_a_run_that_never_was_and_was_given_up_makes_room_for_a_new_one(world):
    """Others were told that it failed, which must stay true; the retry still gets its one run."""
    run_id = (await world.start(headers=KEY)).json()["id"]
    crash(world)
    world.time.seconds += TAKEOVER
    world.outcomes.rows[run_id] = Outcome.failed("not_started", "The run could not be started.")
    answer = await world.start(headers=KEY)
    assert answer.status_code == 202
    assert [started[1] for started in world.orchestrations.started] == [answer.json()["id"]]
    assert answer.json()["id"] != run_id


async def test_an_expired_key_starts_a_new_run(world):
    """Keys are kept for a day."""
    first = await world.start(headers=KEY)
    world.time.seconds += timedelta(hours=24).total_seconds()
    second = await world.start(headers=KEY)
    assert first.json()["id"] != second.json()["id"]


async def test_a_key_is_never_kept_longer_than_its_run():
    """A key without its run would start it again."""
    world = World(settings={"retention_days": 0.5})
    await world.start(headers=KEY, background=True)
    assert the_row(world).expires_at == world.time.clock() + timedelta(hours=12)


async def test_the_key_itself_is_not_kept(world):
    """It may be a secret of its sender's."""
    await world.start(headers=KEY)
    assert "order-42" not in repr(the_row(world))


@pytest.mark.parametrize("key", ["", " ", "a b", "ö", "x" * 256])
async def test_a_key_that_is_none_is_refused(world, key):
    """Better than to run twice because a proxy changed it."""
    headers = {"Idempotency-Key": key.encode("latin-1")}
    answer = await world.start(headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "Idempotency-Key")


async def test_storage_away_is_503_and_starts_nothing(world):
    """Without its row a start under a key would not be once."""
    world.keys.away = True
    answer = await world.start(headers=KEY)
    assert (answer.status_code, world.orchestrations.started) == (503, [])


async def test_an_owed_callback_is_noted_before_the_start(world):
    """The sweeper pays it where the run's end is lost."""
    run_id = (await world.start(callback={"url": "https://hooks.example.com/"})).json()["id"]
    assert ("run", run_id) in world.unfinished.notes


async def test_the_note_goes_where_nothing_was_started(world):
    """Nobody must be called back about a run that its caller was told not to exist."""
    world.orchestrations.start_failure = NothingStarted("refused")
    await world.start(callback={"url": "https://hooks.example.com/"})
    assert world.unfinished.notes == {}


async def test_the_wait_counts_from_the_arrival_of_the_request(world):
    """The answer leaves before the caller's limit, however long the start took."""

    def dawdle(row):
        world.time.seconds += 4 if row.state == "claimed" else 0

    world.keys.meanwhile = dawdle
    await world.start(headers=KEY, channel="bot", background=False)
    assert world.time.seconds == pytest.approx(13)


async def test_a_copy_does_not_wait_for_ever_behind_another_one(world):
    """The first may hang in Durable for ten seconds: then the rows say what to answer."""
    entered, left = asyncio.Event(), asyncio.Event()

    async def hang(*_):
        entered.set()
        await left.wait()

    world.orchestrations.start = hang
    first = asyncio.create_task(world.start(headers=KEY, background=True))
    await entered.wait()
    second = await world.start(headers=KEY, background=True)
    left.set()
    assert (second.status_code, (await first).status_code) == (409, 202)


async def test_a_released_run_that_was_given_up_is_not_started_after_all(world):
    """Its starter could not cross out its note, and the sweeper has told that it failed."""
    world.orchestrations.start_failure = NothingStarted("refused")
    await world.start(headers=KEY)
    run_id = the_row(world).run_id
    world.outcomes.rows[run_id] = Outcome.failed("not_started", "The run could not be started.")
    world.orchestrations.start_failure = None
    assert (await world.start(headers=KEY)).json()["id"] != run_id
