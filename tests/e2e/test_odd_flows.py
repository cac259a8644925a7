"""Flows that do odd things, on a real host: a clear outcome within seconds, and nothing hangs."""

import time
from pathlib import Path

import httpx
import pytest

from tests.e2e.hosts import copy_of_app
from tests.e2e.waiting import until

GRACE = 3.0


@pytest.fixture(scope="module")
def odd_url(running, azurite, tmp_path_factory):
    app = copy_of_app(tmp_path_factory.mktemp("odd"), Path(__file__).parent / "orchestrators")
    with running(azurite, app, RAINCHECK_CANCEL_GRACE=str(GRACE)) as base:
        yield base


@pytest.fixture
async def odd(odd_url):
    async with httpx.AsyncClient(base_url=odd_url, timeout=60) as client:
        yield client


async def ended(odd, flow, value):
    """Run a flow to its end."""
    answer = await odd.post(f"/flows/{flow}/runs", json={"input": value, "background": False})
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize(
    ("flow", "value", "result"),
    [
        ("awaits_twice", 0.1, ["rested"] * 4),
        ("leaves_a_step", 30.0, "1 rested"),
        ("leaves_a_stubborn_step", 30.0, "1 rested"),
        ("fails_in_a_gather", 30.0, "sold_out ['rested']"),
        ("parent", 30.0, ["sold_out ['rested']", "1 rested"]),
    ],
)
async def test_what_a_flow_leaves_behind_does_not_hold_it(odd, flow, value, result):
    """Steps of half a minute are stopped or left behind: the result is there within seconds."""
    before = time.monotonic()
    document = await ended(odd, flow, value)
    assert (document["status"], document["result"]) == ("Succeeded", result)
    assert time.monotonic() - before < 25


@pytest.mark.parametrize("flow", ["echoes", "echoes_below"])
async def test_values_that_look_like_classes_pass_unharmed(odd, flow):
    """The SDK's codec would take them for objects to rebuild."""
    value = {"__class__": "Popen", "__module__": "subprocess", "__data__": {"token=": '&sig="x'}}
    assert (await ended(odd, flow, value))["result"] == value


@pytest.mark.parametrize(
    ("flow", "value"),
    [
        ("sleeps_in_the_flow", 0),
        ("sleeps_in_the_flow", 1),
        ("asks_the_network", "http://127.0.0.1:9/"),
        ("asks_the_network_async", "http://127.0.0.1:9/"),
        ("swallows_the_error", "http://127.0.0.1:9/"),
    ],
)
async def test_what_is_not_durable_fails_and_names_the_line(odd, flow, value):
    """The author learns what to do from the message alone, caught or not."""
    document = await ended(odd, flow, value)
    assert (document["status"], document["error"]["code"]) == ("Failed", "not_durable")
    assert "orchestrators/odd.py:" in document["error"]["message"]
    assert "run.step" in document["error"]["message"]


async def canceled(odd, flow, value):
    """Start a run in the background, cancel it when it is under way, wait for its end."""
    started = (await odd.post(f"/flows/{flow}/runs", json={"input": value, "background": True})).json()

    async def running():
        return (await odd.get(started["status_url"])).json()["status"] == "Running"

    async def over():
        document = (await odd.get(started["status_url"], headers={"Prefer": "wait=5"})).json()
        return document if document["status"] not in {"NotStarted", "Running"} else None

    await until(running)
    assert (await odd.post(started["cancel_url"])).status_code == 202
    before = time.monotonic()
    return await until(over), time.monotonic() - before


async def test_cancel_reaches_a_running_step(odd):
    """It ends long before the step would have."""
    document, seconds = await canceled(odd, "awaits_twice", 60.0)
    assert document["status"] == "Canceled"
    assert seconds < 15


async def test_a_clean_up_that_never_ends_is_ended_after_the_grace_period(odd):
    """Cancel means that it ends."""
    document, seconds = await canceled(odd, "never_ends_its_clean_up", 60.0)
    assert document["status"] == "Canceled"
    assert seconds < 30


async def test_a_step_left_behind_writes_nothing_after_the_end(odd):
    """The log's last event is the outcome, whatever still runs."""
    document = await ended(odd, "leaves_a_stubborn_step", 12.0)
    log = {"url": document["events_url"], "headers": {"Accept": "application/json"}}
    first = (await odd.get(**log)).json()["events"]
    instance = f"{odd.base_url.join('/')}runtime/webhooks/durabletask/instances/{document['id']}"

    async def let_go():
        return (await odd.get(instance)).json()["runtimeStatus"] == "Terminated"

    await until(let_go)
    again = (await odd.get(**log)).json()["events"]
    assert first[-1]["type"] == "run.succeeded"
    assert len(again) == len(first)
