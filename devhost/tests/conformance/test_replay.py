"""The replay alone, against every recorded episode: given payload and answer, what comes into the history."""

import itertools
import json

import pytest

from conformance.app.activities import ACTIVITIES
from conformance.recording import Recording
from conformance.stepped_clock import SteppedClock
from raincheck_devhost.durable.execution.dispatch import Dispatcher
from raincheck_devhost.durable.execution.replay import Replay
from raincheck_devhost.durable.ports import FunctionFailed
from raincheck_devhost.durable.protocol import events as ev
from raincheck_devhost.durable.protocol.answer import answered, raised

_SCENARIOS = [
    "approval-approved", "approval-timeout", "awaited", "boom", "chain", "duplicate-start", "eternal",
    "events-buffered", "events-stale", "fan", "fan-fail", "host-killed", "list", "misc", "parent", "purged",
    "retry", "retry-exhausted", "reyield", "start-again-after-completion", "suspended-resumed", "terminated",
    "timer", "unicode",
]  # fmt: skip
_MADE_HERE = {ev.TASK_SCHEDULED, ev.SUB_CREATED, ev.TIMER_CREATED}


def _pairs(recording):
    """Return each episode with the next of the same execution."""
    for episodes in recording.by_instance().values():
        for episode, following in itertools.pairwise(episodes):
            if _execution(episode) == _execution(following):
                yield episode, following


def _execution(episode):
    return episode.document["history"][1]["OrchestrationInstance"]["ExecutionId"]


def _answer(episode):
    name = episode.document["history"][1]["Name"]
    if "EXCEPTION" in episode.answer:
        message = (
            f"{episode.answer['EXCEPTION']}$OutOfProcData$:{json.dumps(episode.answer['OutOfProcData'])}"
        )
        return raised(name, FunctionFailed("Exception", message, "stack"))
    return answered(name, json.dumps(episode.answer))


def _scheduled(events):
    kept = ("EventType", "EventId", "Name", "InstanceId")
    return [
        {key: event[key] for key in kept if key in event}
        for event in events
        if event["EventType"] in _MADE_HERE
    ]


@pytest.mark.parametrize("scenario", _SCENARIOS)
def test_what_an_episode_schedules(scenario):
    """Activities, timers and children of every recorded episode: same kinds, ids, names and due times."""
    recording = Recording(scenario)
    orchestrators = {each.name.partition("-")[2] for each in recording.episodes}
    for episode, following in _pairs(recording):
        history = episode.document["history"]
        replay = Replay(
            history[1],
            _answer(episode),
            is_activity=lambda name: name in {*ACTIVITIES, "slow"},
            is_orchestrator=lambda name: name in orchestrators,
        )
        decisions = replay.run(history).decisions
        dispatched = Dispatcher(history[1], lambda: 1, SteppedClock().now).dispatch(decisions)
        added = following.document["history"][len(history) :]
        assert _scheduled(dispatched.events) == _scheduled(added), episode.name
