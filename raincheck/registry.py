"""The flows and steps of an app: found in its packages, by name, checked against each other."""

import importlib
import pkgutil
import traceback
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import timedelta
from types import ModuleType
from typing import Any

from raincheck.errors import DefinitionError
from raincheck.flow import Flow
from raincheck.step import Step

__all__ = ["PACKAGES", "Registry", "discover"]

PACKAGES = ("orchestrators", "activities")
"""Where an app's flows and steps are, unless it says otherwise."""


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
                raise DefinitionError(
                    f"{step.place}: the name '{step.name}' is taken by Raincheck; choose another"
                )

    def check_time_limits(self, function_timeout: timedelta) -> None:
        """Refuse steps that the host would cut off: a broken functionTimeout restarts the whole worker."""
        for step in self._steps.values():
            if step.time_limit >= function_timeout:
                raise DefinitionError(
                    f"{step.place}: the step '{step.name}' has a time limit of {step.time_limit}, "
                    f"which must be below functionTimeout in host.json ({function_timeout})"
                )

    def _add_flow(self, flow: Flow[Any, Any]) -> None:
        key = (flow.name, flow.version)
        other = self._versions.get(key)
        if other is flow:
            return
        alike = next((f for f in self._flows.values() if f.name.lower() == flow.name.lower()), flow)
        if alike.name != flow.name:
            raise DefinitionError(
                f"{flow.place}: the flow '{flow.name}' differs only in case from '{alike.name}', "
                f"at {alike.place}"
            )
        if other is not None:
            raise DefinitionError(
                f"{flow.place}: the flow '{flow.name}' version {flow.version} is there already, "
                f"at {other.place}"
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
            raise DefinitionError(f"{step.place}: the step '{step.name}' is there already, at {other.place}")
        _ = step.shapes
        self._steps[step.name] = step


def discover(*packages: str) -> Registry:
    """Import every module of the packages and register the flows and steps at their top level.

    Raises:
        DefinitionError: a module can't be imported, or what it defines can't be registered.
    """
    modules = [module for package in packages or PACKAGES for module in _modules(package)]
    flows: list[Flow[Any, Any]] = []
    steps: list[Step[Any, Any]] = []
    for module in modules:
        for value in vars(module).values():
            if isinstance(value, Flow) and value not in flows:
                flows.append(value)
            elif isinstance(value, Step) and value not in steps:
                steps.append(value)
    return Registry(flows, steps)


def _modules(name: str) -> Iterator[ModuleType]:
    """Import a module and all below it, but for those whose name begins with `_`."""
    module = _imported(name)
    yield module
    for inner in pkgutil.iter_modules(getattr(module, "__path__", [])):
        if not inner.name.startswith("_"):
            yield from _modules(f"{name}.{inner.name}")


def _imported(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except DefinitionError:
        raise
    except SyntaxError as error:
        raise DefinitionError(f"{error.filename}:{error.lineno}: {error.msg}") from error
    except Exception as error:
        where = _place(error, name)
        raise DefinitionError(f"{where}: {type(error).__name__}: {error}") from error


def _place(error: Exception, name: str) -> str:
    """Find the line to look at: the last one of the traceback that is the package's own."""
    folder = name.partition(".")[0]
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if f"/{folder}/" in f.filename.replace("\\", "/")] or frames[-1:]
    return f"{own[-1].filename}:{own[-1].lineno}"
