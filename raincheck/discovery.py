"""Finds the flows and steps of a package, and says where it fails: file, line, cause."""

import importlib
import pkgutil
import traceback
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from raincheck.errors import DefinitionError
from raincheck.flows import Flow
from raincheck.registry import Registry
from raincheck.steps import Step

__all__ = ["discover"]


def discover(package: str = "flows") -> Registry:
    """Import every module of the package and register the flows and steps at their top level.

    Raises:
        DefinitionError: a module can't be imported, or what it defines can't be registered.
    """
    modules = list(_modules(package))
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
    """Give a module and all below it, but for those whose name begins with `_`."""
    module = _imported(name)
    yield module
    for found in pkgutil.iter_modules(getattr(module, "__path__", [])):
        if not found.name.startswith("_"):
            yield from _modules(f"{name}.{found.name}")


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
