"""Readers of a run's events: those that are slow, and too many of them."""

import asyncio

import pytest

from raincheck.outcomes import Outcome
from raincheck.service.following import seats
from raincheck.web.scope import USE_CASES
from tests.unit.web.apps_once import apps_of
from tests.unit.web.test_follow import parse


@pytest.fixture
def told(world):
    """A run that ended, with a log of two lines."""
    run_id = world.run()
    world.log.add(run_id, "run.started", flow="greet")
    world.log.add(run_id, "run.succeeded", result=1)
    world.orchestrations.finish(run_id, Outcome.succeeded(1).model_copy(update={"logged": True}))
    return run_id


async def streamed(world, run_id, taking):
    """Stream to a reader that takes so many seconds for each piece; give the pieces."""
    pieces = []

    async def send(message):
        if message.get("body"):
            pieces.append(message["body"])
            world.time.seconds += taking

    path = f"/runs/{world.token(run_id)}/events"
    scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "headers": []}
    scope |= {"query_string": b"", "root_path": "", USE_CASES: world.uses, "asgi": {"spec_version": "2.4"}}
    await apps_of(())[1](scope, None, send)
    return pieces


async def test_a_slow_reader_is_asked_to_come_back_where_it_is(world):
    """It may go on at its pace, but not hold a stream; what it has had is whole."""
    run_id = world.run()
    world.log.add(run_id, "run.started", flow="greet")
    for _ in range(20):
        world.log.add(run_id, "output.data", data="x" * 50_000)
    world.log.add(run_id, "run.succeeded", result="y" * 200_000)
    world.orchestrations.finish(run_id, Outcome.succeeded(1).model_copy(update={"logged": True}))
    slow, quick = await streamed(world, run_id, 6), await streamed(world, run_id, 0.001)
    events = [data for _, data in parse(b"".join(slow).decode())]
    assert events[-1]["type"] == "stream.resume"
    assert 1 < len(events) < 20
    assert world.tokens.read(events[-1]["continuation_token"], "read").position.sequence == len(events) - 1
    assert [data["sequence_number"] for _, data in parse(b"".join(quick).decode())] == list(range(22))
    assert max(map(len, quick)) <= 40_000


async def test_too_many_followers_of_a_run_are_429(world, told, monkeypatch):
    """With the time to come back; the ones before go on."""
    monkeypatch.setattr(seats, "FOLLOWERS", 0)
    answer = await world.open.get(f"/runs/{world.token(told)}/events")
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_followers")
    assert answer.headers["retry-after"] == "10"


async def test_whoever_has_been_answered_holds_no_seat(world, told):
    """Streams, pages, HEAD, 204 and refusals."""
    url = f"/runs/{world.token(told)}/events"
    for headers in ({}, {"Accept": "application/json"}, {"Last-Event-ID": "1"}, {"Last-Event-ID": "?"}):
        await world.open.get(url, headers=headers)
    await world.open.head(url)
    assert world.wiring.seats._loops[asyncio.get_running_loop()] == {}
