"""Finds the flows and steps of an app, at the top level of its modules; none is left out silently."""

import importlib
import pkgutil
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any

from raincheck.definitions import Definition, keeping_made, made_in, with_source
from raincheck.errors import DefinitionError
from raincheck.flow import Flow
from raincheck.registry.broken_modules import cause_of
from raincheck.registry.folders import folders_without_init
from raincheck.registry.registry import Registry
from raincheck.step import Step

__all__ = ["PACKAGES", "discover"]

PACKAGES = ("orchestrators", "activities")
"""Where an app's flows and steps are, unless it says otherwise."""


def discover(*packages: str) -> Registry:
    """Import every module of the packages and register the flows and steps at their top level.

    Raises:
        DefinitionError: a module can't be imported, or what it defines can't be registered: file, line, the
            line of source and what to write instead are in the text.
    """
    try:
        with keeping_made():
            return _registry(packages or PACKAGES)
    except DefinitionError as error:
        raise with_source(error) from None  # thirty frames of ours say nothing about the author's line


def _registry(packages: Sequence[str]) -> Registry:
    modules = [module for package in packages for module in _modules(package)]
    flows: list[Flow[Any, Any]] = []
    steps: list[Step[Any, Any]] = []
    for module in modules:
        for value in vars(module).values():
            if isinstance(value, Flow) and value not in flows:
                flows.append(value)
            elif isinstance(value, Step) and value not in steps:
                steps.append(value)
    _check_all_found(modules, [*flows, *steps, *(flow.step for flow in flows if flow.step is not None)])
    return Registry(flows, steps)


def _modules(name: str) -> Iterator[ModuleType]:
    """Import a module and all below it, but for those whose name begins with `_`."""
    module = _imported(name)
    yield module
    path = list(getattr(module, "__path__", []))
    inner = [each.name for each in pkgutil.iter_modules(path)]
    for each in [*inner, *folders_without_init(path)]:
        if not each.startswith("_"):
            yield from _modules(f"{name}.{each}")


def _imported(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except (DefinitionError, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise cause_of(error, name) from error


def _check_all_found(modules: Sequence[ModuleType], there: Sequence[Definition]) -> None:
    """Refuse a flow or step that a module makes and doesn't keep at its top level: nothing would find it."""
    known = set(map(id, there))
    for module in modules:
        lost = [each for each in made_in(vars(module)) if id(each) not in known]
        for one in sorted(lost, key=lambda each: _line(getattr(each, "place", ""))):
            raise _lost(one, vars(module))


def _lost(one: Definition, names: dict[str, Any]) -> DefinitionError:
    kind = type(one).__name__.lower()
    value = names.get(one.function.__name__)
    if isinstance(value, Definition) and value is not one:
        text = (
            f"is defined a second time at {getattr(value, 'place', 'another line')}, and only that one "
            "counts. "
            "Rename one of them"
        )
    elif callable(value) and value is not one.function:
        text = (
            f"has a decorator above @{kind} that puts something else in its place. Write @{kind} above "
            "all other "
            "decorators"
        )
    else:
        text = (
            f"isn't found, because no name at the top level of its module holds it. Move the @{kind} "
            "function to "
            "the top level, or give what made it a name there"
        )
    return one.refused(text)


def _line(place: str) -> int:
    return int(place.rpartition(":")[2] or 0)
