"""Finds the flows and steps of a package, and says where it fails: file, line, cause."""

import importlib
import pkgutil
import traceback
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
    root = _imported(package)
    modules = [root]
    found = pkgutil.walk_packages(getattr(root, "__path__", []), prefix=f"{package}.")
    modules += [_imported(m.name) for m in found if not m.name.rpartition(".")[2].startswith("_")]
    flows: list[Flow[Any, Any]] = []
    steps: list[Step[Any, Any]] = []
    for module in modules:
        for value in vars(module).values():
            if isinstance(value, Flow) and value not in flows:
                flows.append(value)
            elif isinstance(value, Step) and value not in steps:
                steps.append(value)
    return Registry(flows, steps)


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
