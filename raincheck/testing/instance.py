"""Plays the Durable extension to an orchestrator: schedules what it asks for, and writes the history.

Each episode calls the genuine SDK with the whole history, as the extension does, and what the orchestrator
asked for in the episode before must still be there, in the same order.
"""

import json
import warnings
from collections.abc import Callable, Generator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import azure.durable_functions as df
from azure.durable_functions.models.utils.df_serialization import df_loads

from raincheck.testing.actions import ACTIVITY, SUB_FLOW, Scheduled, leaves, scheduled, uncanceled

__all__ = ["BEGIN", "RUN_ID", "ChangedOnReplay", "Instance", "answer_of"]

RUN_ID = "20300101-" + "0" * 32
BEGIN = datetime(2030, 1, 1, tzinfo=UTC)
EPISODE = timedelta(milliseconds=100)  # what passes from one to the next
with warnings.catch_warnings(action="ignore"):
    df_loads("0")  # warns once a process that types could be checked; ours are, by pydantic


Orchestrator = Callable[[Any], Generator[Any, Any, Any]]


class ChangedOnReplay(AssertionError):
    """An orchestrator asked for something else than it did with the same history before."""


class Instance:
    """An orchestration under control: what is under way ends when its owner says so."""

    def __init__(
        self,
        orchestrator: Orchestrator,
        value: Any,
        *,
        instance_id: str = RUN_ID,
        began_with: Sequence[dict[str, Any]] = (),
        twice: bool = True,
    ) -> None:
        self.id = instance_id
        self.now = BEGIN
        self.history: list[dict[str, Any]] = []
        self.scheduled: list[Scheduled] = []
        self.answer: dict[str, Any] = {"actions": [[]]}
        self.payload = ""  # of the last episode
        self._orchestrator = orchestrator
        self._text = _encoded(value, twice=twice)
        self.episode(self._started(), *began_with)

    def episode(self, *events: dict[str, Any]) -> None:
        """Let these events come, and the orchestrator answer.

        Raises:
            ChangedOnReplay: it no longer asks for what it asked for before.
        """
        self.now += EPISODE
        self.history += [self._event(12), *events]
        before = self.answer
        self.payload = self._payload()
        self.answer = answer_of(self._orchestrator, self.payload)
        self.check(before)
        for event in events:
            event["IsPlayed"] = True
        self._schedule()
        self.history.append(self._event(13))

    def check(self, before: dict[str, Any]) -> None:
        """Compare an answer with the one of the episode before."""
        old, new = uncanceled(before["actions"][0]), uncanceled(self.answer["actions"][0])
        if new[: len(old)] != old:
            raise ChangedOnReplay("another history than in the episode before")

    def completion(self, task: Scheduled, result: Any = None) -> dict[str, Any]:
        """Build the event of an activity or sub-flow that ended well."""
        task.ended = True
        kind = 5 if task.kind == ACTIVITY else 8
        return self._event(kind, TaskScheduledId=task.id, Result=json.dumps(result))

    def failure(self, task: Scheduled, reason: str) -> dict[str, Any]:
        """Build the event of an activity or sub-flow that ended with an exception."""
        task.ended = True
        kind = 6 if task.kind == ACTIVITY else 9
        return self._event(kind, TaskScheduledId=task.id, Reason=reason, Details="{}", FailureDetails=None)

    def fire(self, *, early: float = 0.0) -> None:
        """Let the timer that is due first fire, `early` seconds too soon."""
        timers = [(task.fire_at, task.id, task) for task in self.under_way if task.fire_at is not None]
        fire_at, number, timer = min(timers)
        timer.ended = True
        self.now = max(self.now, fire_at - timedelta(seconds=early))
        self.episode(self._event(11, TimerId=number, FireAt=_stamp(fire_at)))

    def raise_event(self, name: str, value: Any, *, twice: bool = True) -> None:
        """Raise an event, encoded twice as the SDK's client does, or once as over HTTP."""
        self.episode(self.raised(name, value, twice=twice))

    def raised(self, name: str, value: Any, *, twice: bool = True) -> dict[str, Any]:
        """Build the event of a raised event."""
        return self._event(15, Name=name, Input=_encoded(value, twice=twice), ParentTraceContext=None)

    @property
    def under_way(self) -> list[Scheduled]:
        """What has neither ended nor been cancelled: the instance stays Running until there is nothing."""
        return [task for task in self.scheduled if not task.ended and not task.canceled]

    @property
    def done(self) -> bool:
        """Whether the orchestrator has returned."""
        return bool(self.answer["isDone"])

    @property
    def output(self) -> Any:
        """What it returned; None where it hasn't."""
        return self.answer.get("output")

    @property
    def status(self) -> Any:
        """The custom status that it shows."""
        return self.answer.get("customStatus")

    def _schedule(self) -> None:
        for number, action in enumerate(leaves(self.answer["actions"][0])):
            if number < len(self.scheduled):
                self.scheduled[number].canceled = bool(action.get("isCanceled"))
                continue
            task = scheduled(number, action)
            self.scheduled.append(task)
            self.history.append(self._created(task, action))

    def _created(self, task: Scheduled, action: dict[str, Any]) -> dict[str, Any]:
        if task.fire_at is not None:
            return self._event(10, task.id, FireAt=_stamp(task.fire_at))
        name = action["functionName"]
        if task.kind == SUB_FLOW:
            return self._event(7, task.id, Name=name, InstanceId=action["instanceId"], Input=None)
        return self._event(4, task.id, Name=name, Version="", Input=None)

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
                "isReplaying": len(self.history) > 2,  # noqa: PLR2004 - more than the start
                "parentInstanceId": None,
                "upperSchemaVersion": 1,
                "upperSchemaVersionNew": 3,
                "longRunningTimerIntervalDuration": "3.00:00:00",
                "maximumShortTimerDuration": "6.00:00:00",
                "defaultHttpAsyncRequestSleepTimeMillseconds": 30000,
            }
        )


def answer_of(orchestrator: Orchestrator, payload: str) -> dict[str, Any]:
    """Return what an orchestrator answers to the extension, through the genuine SDK."""
    answer: dict[str, Any] = json.loads(df.Orchestrator.create(orchestrator)(payload))
    return answer


def _encoded(value: Any, *, twice: bool) -> str:
    return json.dumps(json.dumps(value) if twice else value)  # the SDK's client encodes twice


def _stamp(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
