"""The comparison itself: it must notice what is changed on purpose."""

import copy
import json

import pytest

from conformance.comparable import Side, difference
from conformance.recording import Recording
from raincheck_devhost.durable.protocol.newtonsoft import indented

_CHAIN = Recording("chain")
_SCENARIOS = ["chain", "fan", "parent", "retry", "eternal", "suspended-resumed", "unicode", "terminated"]


def _found(change):
    recorded = _CHAIN.episodes[2].document
    played = copy.deepcopy(recorded)
    change(played)
    return difference(recorded, played, (Side(), Side()))


def _swap(history):
    history[4], history[5] = history[5], history[4]


def _reorder(event):
    event["IsPlayed"] = event.pop("IsPlayed")


@pytest.mark.parametrize(
    "change",
    [
        lambda p: p["history"][1].update(IsPlayed=False),
        lambda p: p["history"][2].update(EventId=7),
        lambda p: p["history"][5].update(TaskScheduledId=1),
        lambda p: p["history"][5].update(Result='{"n":2}'),
        lambda p: _swap(p["history"]),
        lambda p: p["history"].pop(3),
        lambda p: _reorder(p["history"][2]),
        lambda p: p.update(isReplaying=False),
        lambda p: p["history"][1]["OrchestrationInstance"].update(InstanceId="chain-2"),
        lambda p: p["history"][2].update(Timestamp=p["history"][2]["Timestamp"].split(".")[0] + "Z"),
        lambda p: p.update(input=json.loads(p["input"])),
    ],
    ids=["flag", "id", "link", "result", "order", "missing", "keys", "replaying", "name", "fraction", "type"],
)
def test_changes_are_noticed(change):
    """A flag, an id, an order, a type: whatever is changed in a payload is reported."""
    assert _found(change)


def test_nothing_changed_is_equal():
    """Two recordings of one thing that differ in times and generated ids only are equal."""

    def other_run(payload):
        for event in payload["history"]:
            event["Timestamp"] = event["Timestamp"].replace("12:56", "13:57")
        payload["history"][1]["OrchestrationInstance"]["ExecutionId"] = (
            "0" * 8 + "-0000-4000-8000-" + "0" * 12
        )

    assert _found(other_run) == ""


@pytest.mark.parametrize("scenario", _SCENARIOS)
def test_payload_bytes(scenario):
    """The payload writer gives the recorded text, byte for byte: blanks, escapes, order."""
    for episode in Recording(scenario).episodes:
        assert indented(json.loads(episode.payload)) == episode.payload
