"""Plays the Durable extension to an orchestrator: schedules what it asks for, and writes the history.

Each episode calls the genuine SDK with the whole history, as the extension does, and what the orchestrator
asked for in the episode before must still be there, in the same order. The formats are those of the recorded
exchanges in devhost/tests/conformance.
"""

import functools
import json
import sys
import warnings
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import azure.durable_functions as df
from azure.durable_functions.models.utils.df_serialization import df_loads

RUN_ID = "20300101-" + "0" * 32
BEGIN = datetime(2030, 1, 1, tzinfo=UTC)
ACTIVITY, SUB_FLOW, TIMER, EVENT, WHEN_ANY, WHEN_ALL = 0, 2, 5, 6, 11, 12
with warnings.catch_warnings(action="ignore"):
    df_loads("0")  # warns once a process that types could be checked; ours are, by pydantic
# The SDK reads every timestamp of the history in every episode, which is most of what an episode costs here.
events = sys.modules["azure.durable_functions.models.history.HistoryEvent"]
events.dt_parse = functools.cache(events.dt_parse)
STATUS_LIMIT = 16 * 1024  # bytes of UTF-16, beyond which the extension fails the orchestration


@dataclass
class Scheduled:
    """Something the orchestrator asked for; `label` is what a test calls it."""

    id: int
    kind: int
    label: str
    input: Any
    fire_at: datetime | None = None
    canceled: bool = False
    ended: bool = False


class Instance:
    """An orchestration under a test's control: what is under way ends when the test says so."""

    def __init__(
        self,
        orchestrator: Callable[[Any], Generator[Any, Any, Any]],
        given: Any,
        *,
        instance_id: str = RUN_ID,
        latched: bool = True,
        began_with: list[dict[str, Any]] | None = None,
        twice: bool = True,
    ) -> None:
        self.id = instance_id
        self.now = BEGIN
        self.history: list[dict[str, Any]] = []
        self.scheduled: list[Scheduled] = []
        self.answer: dict[str, Any] = {"actions": [[]]}
        self.statuses: list[Any] = []
        self.payload = ""  # of the last episode
        self._handle = df.Orchestrator.create(orchestrator)
        self._latched = latched
        self._text = json.dumps(json.dumps(given) if twice else given)  # the SDK's client encodes twice
        self.episode(self._started(), *(began_with or []))

    def episode(self, *events: dict[str, Any]) -> None:
        """Let these events come, and the orchestrator answer."""
        self.now += timedelta(milliseconds=100)
        self.history += [self._event(12), *events]
        before = self.answer
        self.payload = self._payload()
        self.answer = json.loads(self._handle(self.payload))
        self._check(before)
        for event in events:
            event["IsPlayed"] = True
        self._schedule()
        self.history.append(self._event(13))

    def end(self, *labels: str, result: Any = None) -> None:
        """Let activities or sub-flows end well, all in one episode."""
        self.episode(*(self.ended(label, result) for label in labels))

    def ended(self, label: str, result: Any = None) -> dict[str, Any]:
        """Make the event of an activity or sub-flow that ended well."""
        task = self._take(label)
        kind = 5 if task.kind == ACTIVITY else 8
        return self._event(kind, TaskScheduledId=task.id, Result=json.dumps(result))

    def fail(self, label: str, reason: str = "it failed") -> None:
        """Let an activity or sub-flow end with an exception."""
        task = self._take(label)
        kind = 6 if task.kind == ACTIVITY else 9
        self.episode(
            self._event(kind, TaskScheduledId=task.id, Reason=reason, Details="{}", FailureDetails=None)
        )

    def fire(self, early: float = 0.0) -> None:
        """Let the timer that is due first fire, `early` seconds too soon."""
        timer = min((t for t in self.under_way if t.fire_at), key=lambda t: (t.fire_at, t.id))
        timer.ended = True
        self.now = max(self.now, timer.fire_at - timedelta(seconds=early))
        self.episode(self._event(11, TimerId=timer.id, FireAt=_stamp(timer.fire_at)))

    def raise_event(self, name: str, value: Any, *, twice: bool = True) -> None:
        """Raise an event, encoded twice as the SDK's client does, or once as over HTTP."""
        self.episode(self.raised(name, value, twice=twice))

    def raised(self, name: str, value: Any, *, twice: bool = True) -> dict[str, Any]:
        """Make the event of a raised event."""
        text = json.dumps(json.dumps(value) if twice else value)
        return self._event(15, Name=name, Input=text, ParentTraceContext=None)

    @property
    def under_way(self) -> list[Scheduled]:
        """What has neither ended nor been cancelled: the instance stays Running until there is nothing."""
        return [task for task in self.scheduled if not task.ended and not task.canceled]

    @property
    def labels(self) -> list[str]:
        """What is under way, by label."""
        return [task.label for task in self.under_way]

    @property
    def all_labels(self) -> list[str]:
        """Everything that was ever scheduled, in order."""
        return [task.label for task in self.scheduled]

    @property
    def done(self) -> bool:
        """Whether the orchestrator has returned."""
        return bool(self.answer["isDone"])

    @property
    def completed(self) -> bool:
        """Whether Durable says Completed: it returned and nothing is under way."""
        return self.done and not self.under_way

    @property
    def output(self) -> Any:
        """What it returned."""
        assert self.done, f"not done; under way: {self.labels}"
        return self.answer["output"]

    def find(self, label: str) -> Scheduled:
        """Give the last one scheduled under that label."""
        return next(task for task in reversed(self.scheduled) if task.label == label)

    def _take(self, label: str) -> Scheduled:
        task = next((task for task in self.under_way if task.label == label), None)
        assert task is not None, f"{label!r} is not under way; these are: {self.labels}"
        task.ended = True
        return task

    def _check(self, before: dict[str, Any]) -> None:
        old, new = uncanceled(before["actions"][0]), uncanceled(self.answer["actions"][0])
        assert new[: len(old)] == old, "another history than in the episode before"
        status = self.answer.get("customStatus")
        assert len(json.dumps(status, ensure_ascii=False).encode("utf-16-le")) < STATUS_LIMIT
        self.statuses.append(status)
        for action in self.answer["actions"][0] if self._latched else []:
            assert action["actionType"] == WHEN_ANY, "an action that blocks the extension"
            assert {"actionType": WHEN_ALL, "compoundActions": []} in action["compoundActions"]

    def _schedule(self) -> None:
        for number, action in enumerate(_leaves(self.answer["actions"][0])):
            if number < len(self.scheduled):
                self.scheduled[number].canceled = bool(action.get("isCanceled"))
                continue
            task = _scheduled(number, action)
            self.scheduled.append(task)
            self.history.append(self._created(task, action))

    def _created(self, task: Scheduled, action: dict[str, Any]) -> dict[str, Any]:
        if task.kind == TIMER:
            return self._event(10, task.id, FireAt=_stamp(task.fire_at))
        if task.kind == SUB_FLOW:
            return self._event(
                7, task.id, Name=action["functionName"], InstanceId=action["instanceId"], Input=None
            )
        return self._event(4, task.id, Name=action["functionName"], Version="", Input=None)

    def _started(self) -> dict[str, Any]:
        instance = {"InstanceId": self.id, "ExecutionId": "e" * 32}
        return self._event(
            0, OrchestrationInstance=instance, ParentInstance=None, Name="run_flow", Version=None,
            Input=self._text, Tags=None, Generation=0,
        )  # fmt: skip

    def _event(self, kind: int, event_id: int = -1, **fields: Any) -> dict[str, Any]:
        stamp = {"EventId": event_id, "IsPlayed": False, "Timestamp": _stamp(self.now)}
        return {"EventType": kind, **fields, **stamp}

    def _payload(self) -> str:
        return json.dumps(
            {
                "history": self.history,
                "input": json.loads(self._text),
                "instanceId": self.id,
                "isReplaying": len(self.history) > 2,
                "parentInstanceId": None,
                "upperSchemaVersion": 1,
                "upperSchemaVersionNew": 3,
                "longRunningTimerIntervalDuration": "3.00:00:00",
                "maximumShortTimerDuration": "6.00:00:00",
                "defaultHttpAsyncRequestSleepTimeMillseconds": 30000,
            }
        )


def _leaves(actions: list[dict[str, Any]]) -> Generator[dict[str, Any], None, None]:
    """Give what the extension numbers, in its order."""
    for action in actions:
        yield from _leaves(action.get("compoundActions", []))
        if action["actionType"] in (ACTIVITY, SUB_FLOW, TIMER):
            yield action


def _scheduled(number: int, action: dict[str, Any]) -> Scheduled:
    kind = action["actionType"]
    if kind == TIMER:
        fire_at = datetime.fromisoformat(action["fireAt"])
        return Scheduled(number, kind, "timer", None, fire_at, bool(action["isCanceled"]))
    given = json.loads(action["input"])
    if kind == SUB_FLOW:
        return Scheduled(number, kind, f"flow {action['instanceId'].partition(':')[2]}", given)
    text = given.get("input_json") if isinstance(given, dict) else None
    label = action["functionName"] if text is None else f"{action['functionName']} {text}"
    return Scheduled(number, kind, label, given)


def uncanceled(actions: list[dict[str, Any]]) -> list[Any]:
    """Leave out the one thing of an action that may change later."""
    text = json.dumps(actions).replace('"isCanceled": true', '"isCanceled": false')
    return list(json.loads(text))


def _stamp(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
