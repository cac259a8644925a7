"""The flows and steps of an app, by name, checked against each other."""

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any

from raincheck.definitions import refused
from raincheck.flow import Flow
from raincheck.step import Step

__all__ = ["Registry"]


class Registry:
    """All flows (newest version by name in `flows`) and steps of an app.

    Raises:
        DefinitionError: two have one name, or a type can't be a schema.
    """

    def __init__(self, flows: Iterable[Flow[Any, Any]], steps: Iterable[Step[Any, Any]] = ()) -> None:
        self._versions: dict[tuple[str, int], Flow[Any, Any]] = {}
        self._flows: dict[str, Flow[Any, Any]] = {}
        self._steps: dict[str, Step[Any, Any]] = {}
        flows = list(flows)
        for one in flows:
            self._add_flow(one)
        for step in [*steps, *(one.step for one in flows if one.step is not None)]:
            self._add_step(step)

    @property
    def flows(self) -> Mapping[str, Flow[Any, Any]]:
        """The newest version of each flow, by name."""
        return self._flows

    @property
    def steps(self) -> Mapping[str, Step[Any, Any]]:
        """The steps, by name."""
        return self._steps

    def find(self, name: str, version: int) -> Flow[Any, Any] | None:
        """Return exactly this version of a flow, or None."""
        return self._versions.get((name, version))

    def knows(self, step: Step[Any, Any]) -> bool:
        """Whether exactly this step is registered."""
        return self._steps.get(step.name) is step

    def check_names(self, taken: Collection[str]) -> None:
        """Refuse steps named as a function that the app has anyway; case doesn't matter there."""
        for step in self._steps.values():
            if step.name.lower() in taken:
                raise refused(step.place, f"the name '{step.name}' is taken by Raincheck; choose another")

    def check_time_limits(self, function_timeout: timedelta) -> None:
        """Refuse steps that the host would cut off: a broken functionTimeout restarts the whole worker."""
        for step in self._steps.values():
            if step.time_limit >= function_timeout:
                raise step.refused(
                    f"has a time limit of {step.time_limit}, which must be below "
                    f"functionTimeout in host.json ({function_timeout}): lower the one or raise the other",
                )

    def _add_flow(self, flow: Flow[Any, Any]) -> None:
        key = (flow.name, flow.version)
        other = self._versions.get(key)
        if other is flow:
            return
        alike = next((f for f in self._flows.values() if f.name.lower() == flow.name.lower()), flow)
        if alike.name != flow.name:
            raise flow.refused(
                f"differs only in case from '{alike.name}', at {alike.place}: give one of them another name",
            )
        if other is not None:
            raise flow.refused(
                f"version {flow.version} is there already, at {other.place}: "
                "give one of "
                "them another name or version",
            )
        _ = flow.shapes
        self._versions[key] = flow
        newest = self._flows.get(flow.name)
        if newest is None or newest.version < flow.version:
            self._flows[flow.name] = flow

    def _add_step(self, step: Step[Any, Any]) -> None:
        other = next((s for s in self._steps.values() if s.name.lower() == step.name.lower()), None)
        if other is step:
            return
        if other is not None:
            raise step.refused(
                f"is there already, at {other.place}: give one of them another name",
            )
        _ = step.shapes
        self._steps[step.name] = step
