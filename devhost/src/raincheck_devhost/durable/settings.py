"""What host.json's `extensions.durableTask` sets for the engine."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_PER_CORE = 10


def _functions_at_once() -> int:
    return _PER_CORE * (os.cpu_count() or 1)


@dataclass(frozen=True)
class DurableSettings:
    """Settings of one task hub.

    `redeliver_after_seconds` is how long after a restart an activity that was in flight at the kill waits
    before it runs again. On Azure that is `workItemQueueVisibilityTimeout` (5 minutes by default, at least
    1), because another machine may hold the message; here nobody else can, so the default is at once.
    """

    hub_name: str = "TestHubName"
    connection_name: str = "Storage"
    max_activities: int = 0
    max_orchestrators: int = 0
    work_item_visibility_seconds: float = 300.0
    redeliver_after_seconds: float = 0.0

    @property
    def activities_at_once(self) -> int:
        """How many activities run at the same time."""
        return self.max_activities or _functions_at_once()

    @property
    def orchestrators_at_once(self) -> int:
        """How many orchestrators run at the same time."""
        return self.max_orchestrators or _functions_at_once()

    @classmethod
    def from_host_json(cls, host: Mapping[str, Any]) -> DurableSettings:
        """Read `extensions.durableTask` of a parsed host.json; what is absent keeps its default.

        Raises ValueError for a time span that isn't `[d.]hh:mm:ss`.
        """
        section = (host.get("extensions") or {}).get("durableTask") or {}
        settings = cls(
            hub_name=str(section.get("hubName") or cls.hub_name),
            max_activities=int(section.get("maxConcurrentActivityFunctions") or 0),
            max_orchestrators=int(section.get("maxConcurrentOrchestratorFunctions") or 0),
        )
        visibility = (section.get("storageProvider") or {}).get("workItemQueueVisibilityTimeout")
        if visibility is None:
            return settings
        return replace(settings, work_item_visibility_seconds=time_span_seconds(str(visibility)))


def time_span_seconds(text: str) -> float:
    """Return the seconds of a .NET time span `[d.]hh:mm:ss[.fff]`; raises ValueError for anything else."""
    try:
        days_and_hours, minutes, seconds = text.split(":")
        days, _, hours = days_and_hours.rpartition(".")
        return ((int(days or 0) * 24 + int(hours)) * 60 + int(minutes)) * 60 + float(seconds)
    except ValueError:
        raise ValueError(f"{text!r} is not a time span such as 00:05:00") from None
