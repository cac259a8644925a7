"""Collecting a run by its token."""

from datetime import timedelta

import pytest

from raincheck.errors import StorageUnavailable
from raincheck.events import Position
from raincheck.outcomes import Outcome
from tests.unit.web.fakes import World


@pytest.fixture
def running(world):
    run_id = world.run()
    world.orchestrations.progress(run_id, 10)
    return run_id


async def collect(world, run_id, prefer=None):
    return await world.open.get(f"/runs/{world.token(run_id)}", headers={"Prefer": prefer} if prefer else {})


async def test_a_running_run_is_202_with_progress_and_retry_after(world, running):
    """What a poller lives on."""
    answer = await collect(world, running)
    assert (answer.status_code, answer.json()["status"]) == (202, "Running")
    assert answer.json()["progress"] == {"percent": 10, "message": None}
    assert int(answer.headers["retry-after"]) >= 1


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (Outcome.succeeded([1]), "Succeeded"),
        (Outcome.failed("step_failed", "no"), "Failed"),
        (Outcome.canceled(), "Canceled"),
    ],
)
async def test_an_ended_run_is_200(world, running, outcome, status):
    """However it ended."""
    world.orchestrations.finish(running, outcome)
    answer = await collect(world, running)
    assert (answer.status_code, answer.json()["status"]) == (200, status)
    assert answer.json()["continuation_token"] is None
    assert answer.json()["cancel_url"] is None
    assert "retry-after" not in answer.headers


async def test_the_token_keeps_its_position(world, running):
    """Polling between two streams must not lose one's place."""
    token = world.token(running, Position(7, 1, 300))
    fresh = (await world.open.get(f"/runs/{token}")).json()["continuation_token"]
    assert world.tokens.read(fresh, "read").position == Position(7, 1, 300)


async def test_the_tokens_of_a_document_only_read_or_only_cancel(world, running):
    """A status URL may be passed on without handing over the run."""
    document = (await collect(world, running)).json()
    assert (await world.open.post(f"/runs/{document['continuation_token']}/cancel")).status_code == 404
    cancel_token = document["cancel_url"].split("/")[-2]
    assert (await world.open.get(f"/runs/{cancel_token}")).status_code == 404


async def test_wait_holds_until_the_progress_changes(world, running):
    """A long poll answers when there is something new."""
    world.time.at(4, lambda: world.orchestrations.progress(running, 60))
    answer = await collect(world, running, "wait=30")
    assert answer.json()["progress"]["percent"] == 60
    assert 4 <= world.time.seconds <= 5
    assert answer.headers["preference-applied"] == "wait=30"


async def test_wait_holds_until_the_run_ends(world, running):
    """The end is a change too."""
    world.time.at(4, lambda: world.orchestrations.finish(running, Outcome.succeeded(1)))
    assert (await collect(world, running, "wait=30")).json()["status"] == "Succeeded"


async def test_wait_ends_after_its_seconds(world, running):
    """Nothing new is an answer as well."""
    answer = await collect(world, running, "wait=3")
    assert (answer.status_code, world.time.seconds) == (202, pytest.approx(3))


async def test_wait_does_not_hold_an_ended_run(world, running):
    """There is nothing to wait for."""
    world.orchestrations.finish(running, Outcome.succeeded(1))
    await collect(world, running, "wait=30")
    assert world.time.seconds == 0


async def test_storage_away_is_503_and_while_waiting_only_no_news(world, running):
    """The first look must work; after it the last good view is what is known."""
    world.orchestrations.failure = StorageUnavailable("away")
    assert (await collect(world, running)).status_code == 503
    world.orchestrations.failure = None
    world.time.at(0.01, lambda: setattr(world.orchestrations, "failure", StorageUnavailable("away")))
    assert (await collect(world, running, "wait=2")).status_code == 202


async def test_every_wrong_token_has_the_same_answer(world, running):
    """Nobody learns which runs there are."""
    good = world.token(running)
    other = World(settings={}).tokens
    wrong = [
        "x",
        good[:-1],
        good + "A",
        good.upper(),
        "%00",
        "ü",
        "a" * 10_000,
        world.token(running, scope="cancel"),
        world.token("20261121-" + "e" * 32),
        other.issue("20261121-" + "f" * 32, "read"),
    ]
    answers = [await world.open.get(f"/runs/{token}{path}") for token in wrong for path in ("", "/events")]
    assert {(answer.status_code, answer.text) for answer in answers} == {(404, answers[0].text)}


async def test_an_expired_token_is_410(world, running):
    """It was good once, and the holder may know."""
    token = world.token(running)
    world.time.seconds += timedelta(hours=2).total_seconds()
    answer = await world.open.get(f"/runs/{token}")
    assert (answer.status_code, answer.json()["code"]) == (410, "token_expired")


@pytest.mark.parametrize(
    "path", ["/runs/{token}", "/runs/{token}/events", "/runs/nonsense", "/runs", "/nothing"]
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE"])
async def test_whatever_is_answered_is_not_kept_and_not_passed_on(world, running, path, method):
    """Tokens stand in these paths and answers."""
    world.orchestrations.finish(running, Outcome.succeeded(1))
    answer = await world.open.request(method, path.format(token=world.token(running)))
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"


async def test_head_is_get_without_a_body(world, running):
    """Its headers are those of the GET."""
    got, head = [
        await world.open.request(method, f"/runs/{world.token(running)}") for method in ("GET", "HEAD")
    ]
    assert (head.status_code, head.content) == (202, b"")
    assert head.headers == got.headers


async def test_accepted_status_is_for_polling_too(world, running):
    """The connector that takes only 200 polls as well."""
    assert (await world.open.get(f"/runs/{world.token(running)}?accepted_status=200")).status_code == 200


async def test_a_poll_reads_no_outcome_row_while_the_run_goes_on(world, running):
    """Cost per run is a design figure."""
    await collect(world, running)
    assert (world.orchestrations.looks, world.outcomes.looks) == (1, 0)
