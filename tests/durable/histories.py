"""Runs an orchestrator through the genuine SDK, with what it schedules called by labels: `work 3`.

The formats are those of the recorded exchanges in devhost/tests/conformance.
"""

import functools
import json
import sys
from typing import Any

from raincheck.testing import instance
from raincheck.testing.actions import (
    ACTIVITY,
    EVENT,
    SUB_FLOW,
    TIMER,
    WHEN_ALL,
    WHEN_ANY,
    Scheduled,
    uncanceled,
)
from raincheck.testing.instance import BEGIN, RUN_ID

__all__ = [
    "ACTIVITY",
    "BEGIN",
    "EVENT",
    "RUN_ID",
    "STATUS_LIMIT",
    "SUB_FLOW",
    "TIMER",
    "Instance",
    "Scheduled",
    "uncanceled",
]

# The SDK reads every timestamp of the history in every episode, which is most of what an episode costs here.
events = sys.modules["azure.durable_functions.models.history.HistoryEvent"]
events.dt_parse = functools.cache(events.dt_parse)
STATUS_LIMIT = 16 * 1024  # bytes of UTF-16, beyond which the extension fails the orchestration


class Instance(instance.Instance):
    """An orchestration under a test's control; each answer is checked for what the extension can't bear."""

    def __init__(self, orchestrator: Any, given: Any, *, latched: bool = True, **more: Any) -> None:
        self.statuses: list[Any] = []
        self._latched = latched
        super().__init__(orchestrator, given, **more)

    def check(self, before: dict[str, Any]) -> None:
        super().check(before)
        assert len(json.dumps(self.status, ensure_ascii=False).encode("utf-16-le")) < STATUS_LIMIT
        self.statuses.append(self.status)
        for action in self.answer["actions"][0] if self._latched else []:
            assert action["actionType"] == WHEN_ANY, "an action that blocks the extension"
            assert {"actionType": WHEN_ALL, "compoundActions": []} in action["compoundActions"]

    def end(self, *labels: str, result: Any = None) -> None:
        """Let activities or sub-flows end well, all in one episode."""
        self.episode(*(self.ended(label, result) for label in labels))

    def ended(self, label: str, result: Any = None) -> dict[str, Any]:
        """Build the event of an activity or sub-flow that ended well."""
        return self.completion(self._take(label), result)

    def fail(self, label: str, reason: str = "it failed") -> None:
        """Let an activity or sub-flow end with an exception."""
        self.episode(self.failure(self._take(label), reason))

    @property
    def labels(self) -> list[str]:
        """What is under way, by label."""
        return [task.label for task in self.under_way]

    @property
    def all_labels(self) -> list[str]:
        """Everything that was ever scheduled, in order."""
        return [task.label for task in self.scheduled]

    @property
    def completed(self) -> bool:
        """Whether Durable says Completed: it returned and nothing is under way."""
        return self.done and not self.under_way

    @property
    def output(self) -> Any:
        """What it returned."""
        assert self.done, f"not done; under way: {self.labels}"
        return super().output

    def find(self, label: str) -> Scheduled:
        """Return the last one scheduled under that label."""
        return next(task for task in reversed(self.scheduled) if task.label == label)

    def _take(self, label: str) -> Scheduled:
        task = next((task for task in self.under_way if task.label == label), None)
        assert task is not None, f"{label!r} is not under way; these are: {self.labels}"
        return task
