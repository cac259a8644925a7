"""Cancelling runs at every moment of their life, with a callback owed: one outcome, told once."""

import asyncio
import time
from pathlib import Path

import httpx
import pytest

from tests.e2e.hosts import copy_of_app
from tests.e2e.test_callbacks import Receiver, serving
from tests.e2e.waiting import until

GRACE = 3.0


@pytest.fixture(scope="module")
def base(running, azurite, tmp_path_factory):
    app = copy_of_app(tmp_path_factory.mktemp("cancelling"), Path(__file__).parent / "orchestrators")
    with running(azurite, app, RAINCHECK_CANCEL_GRACE=str(GRACE)) as base:
        yield base


@pytest.fixture
async def api(base):
    async with httpx.AsyncClient(base_url=base, timeout=60) as client:
        yield client


@pytest.fixture
async def receiver():
    receiver = Receiver()
    async with serving(receiver):
        yield receiver


async def under_way(api, flow, value, receiver):
    """Start a run with a callback; give its document once it runs."""
    body = {"input": value, "background": True, "callback": {"url": receiver.url}}
    started = (await api.post(f"/flows/{flow}/runs", json=body)).json()

    async def running():
        return (await api.get(started["status_url"])).json()["status"] in {"Running", "InputRequired"}

    await until(running)
    return started


async def told_once(api, started, receiver):
    """Wait for the end and its callback; give the status that both agree on."""

    async def over():
        document = (await api.get(started["status_url"], headers={"Prefer": "wait=5"})).json()
        return document if document["status"] in {"Succeeded", "Failed", "Canceled"} else None

    async def delivered():
        return receiver.got

    document = await until(over)
    await until(delivered)
    [told] = receiver.documents()
    assert told["data"]["status"] == document["status"]
    assert (await api.get(started["status_url"])).json()["status"] == document["status"]
    return document["status"]


@pytest.mark.parametrize(
    ("flow", "value"),
    [
        ("awaits_twice", 60.0),  # in a step
        ("counts", 1000),  # in a fan-out
        ("never_ends_its_clean_up", 60.0),  # and its clean-up doesn't end by itself
        ("leaves_a_stubborn_step", 20.0),  # a step ignores it
        ("waits_long", 600.0),  # between steps
        ("ask_once", {}),  # while it waits for a person
    ],
)
async def test_a_run_ends_canceled_and_its_callback_says_so_once(api, receiver, flow, value):
    """Wherever it is, and whatever its steps do."""
    started = await under_way(api, flow, value, receiver)
    before = time.monotonic()
    assert (await api.post(started["cancel_url"])).status_code == 202
    status = await told_once(api, started, receiver)
    assert status == "Canceled" or (flow, status) == ("leaves_a_stubborn_step", "Succeeded")  # a close race
    assert time.monotonic() - before < 40


async def test_cancelling_twice_is_cancelling_once(api, receiver):
    """A second click changes nothing."""
    started = await under_way(api, "waits_long", 600.0, receiver)
    answers = await asyncio.gather(*(api.post(started["cancel_url"]) for _ in range(5)))
    assert {answer.status_code for answer in answers} <= {200, 202}
    assert await told_once(api, started, receiver) == "Canceled"


async def test_cancelling_what_has_ended_changes_nothing(api, receiver):
    """The outcome was decided."""
    body = {"input": 0.1, "background": False, "callback": {"url": receiver.url}}
    done = (await api.post("/flows/leaves_a_step/runs", json={**body, "background": True})).json()
    assert await told_once(api, done, receiver) == "Succeeded"
    answer = await api.post(done["cancel_url"])
    assert (answer.status_code, answer.json()["status"]) == (200, "Succeeded")


async def test_a_sub_flow_is_cancelled_with_its_parent(api, base, receiver):
    """All the way down: nothing of the family stays open."""
    started = await under_way(api, "parent", 60.0, receiver)
    child = f"{httpx.URL(base).join('/')}runtime/webhooks/durabletask/instances/{started['id']}:1"

    async def there():
        return (await api.get(child)).status_code in {200, 202}

    await until(there)
    await api.post(started["cancel_url"])
    assert await told_once(api, started, receiver) == "Canceled"

    async def ended():
        return (await api.get(child)).json()["runtimeStatus"] in {"Completed", "Terminated"}

    await until(ended)
