"""Registers one activity per flow step, under the step's own readable name."""

from typing import Any, Protocol

from activities.running_step import attempt_step
from raincheck.payloads import StepCall, decoded
from raincheck.ports import EventLog, StopMarkers
from raincheck.registry import Registry
from raincheck.steps import Step

__all__ = ["register"]


class Activity(Protocol):
    """An activity function, as the worker calls it: by the name of its parameter."""

    __name__: str

    async def __call__(self, payload: dict) -> dict:  # type: ignore[type-arg]  # the worker casts by annotation
        """Give a StepReport for a StepCall."""
        ...


def register(app: Any, registry: Registry, *, events: EventLog, markers: StopMarkers) -> None:
    """Add an activity for every step of the registry."""
    for step in registry.steps.values():
        activity = _activity(step, events, markers)
        app.function_name(name=step.name)(app.activity_trigger(input_name="payload")(activity))


def _activity(step: Step[Any, Any], events: EventLog, markers: StopMarkers) -> Activity:
    async def activity(payload: dict) -> dict:  # type: ignore[type-arg]  # as above
        call = StepCall.model_validate(decoded(payload))
        report = await attempt_step(step, call, events=events, markers=markers)
        return report.dumped()

    activity.__name__ = step.name
    activity.__qualname__ = step.name
    return activity
