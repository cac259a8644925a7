"""The example flows still do what runs under way were started with: recorded histories replay.

Where one of these fails, the order of a flow's steps has changed under the same version: raise the flow's
version, or, where it was never deployed, record anew (`python -m tests.durable.record`).
"""

import json

import azure.durable_functions as df
import pytest

from activities.laptops import LaptopOrder, place_order, quote
from orchestrators.order_laptop import OrderResult
from raincheck import Run, flow
from raincheck.durable.run_flow import make_run_flow
from raincheck.registry import Registry, discover
from tests.durable.histories import uncanceled
from tests.durable.record import FOLDER, INPUTS

REGISTRY = discover()
RECORDED = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.json")}
ORCHESTRATOR_STARTED, ORCHESTRATOR_COMPLETED = 12, 13


def replay(registry, payload):
    """Give what the orchestrator answers to a payload."""
    return json.loads(df.Orchestrator.create(make_run_flow(registry, lambda _: False))(json.dumps(payload)))


def episodes(payload):
    """Give the payload of every episode of a recorded run."""
    history = payload["history"]
    ends = [n for n, event in enumerate(history) if event["EventType"] == ORCHESTRATOR_COMPLETED]
    for end in [*ends, len(history)]:
        yield {**payload, "history": history[:end]}


def test_every_flow_has_a_recorded_history():
    """A flow without one could change unnoticed."""
    assert set(RECORDED) == set(REGISTRY.flows) == set(INPUTS)


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_history_replays(name):
    """The same steps in the same order with the same input, and the same result."""
    recorded = RECORDED[name]
    answer = replay(REGISTRY, recorded["payload"])

    assert answer["actions"] == recorded["actions"]
    assert answer["output"] == recorded["output"]


@pytest.mark.parametrize("name", RECORDED)
def test_each_episode_goes_on_from_the_one_before(name):
    """Wherever a run stands when it is deployed anew, it goes on."""
    actions = []
    for payload in episodes(RECORDED[name]["payload"]):
        answer = uncanceled(replay(REGISTRY, payload)["actions"][0])
        assert answer[: len(actions)] == actions
        actions = answer


@pytest.mark.parametrize("name", RECORDED)
def test_the_recorded_version_is_still_there(name):
    """Runs of it may still be under way."""
    recorded = RECORDED[name]

    assert REGISTRY.find(recorded["flow"], recorded["version"]) is not None


def test_a_changed_order_under_the_same_version_is_noticed():
    """These tests would fail if somebody swapped two steps."""

    @flow(name="order_laptop", version=RECORDED["order_laptop"]["version"])
    async def swapped(run: Run, order: LaptopOrder) -> OrderResult:
        await run.step(place_order, order)
        await run.step(quote, order)
        return OrderResult(placed=True)

    recorded = RECORDED["order_laptop"]
    answer = replay(Registry([swapped], [quote, place_order]), recorded["payload"])

    assert answer["actions"] != recorded["actions"]
