"""Classes by name, as a carried value says of what class a part of it is."""

import dataclasses
import importlib
import sys
from collections.abc import Mapping
from enum import Enum
from typing import Any

from pydantic import BaseModel

from raincheck.values.core_schema import name_of

__all__ = ["NamedClasses"]


class NamedClasses:
    """The classes that a type names, and whatever else stands at the top of a module."""

    def __init__(self, declared: Mapping[str, type]) -> None:
        self._declared = declared

    def name(self, cls: type) -> str | None:
        """Return a name that `find` finds the class by; None where there is none."""
        name = name_of(cls)
        try:
            return name if self.find(name) is cls else None
        except ValueError:
            return None

    def find(self, name: str) -> type:
        """Return the class of that name.

        Raises:
            ValueError: there is none, or it is of no kind that values have.
        """
        cls: Any = self._declared.get(name)
        if cls is None:
            module, _, path = name.partition(":")
            if module.partition(".")[0] not in sys.modules:  # a class of the app is in a package of the app
                raise ValueError(f"there is no class {name}")
            try:
                cls = importlib.import_module(module)
                for part in path.split("."):
                    cls = getattr(cls, part)
            except (ImportError, AttributeError, ValueError):
                raise ValueError(f"there is no class {name}") from None
        if not isinstance(cls, type) or not _carries_data(cls):
            raise ValueError(f"{name} is no class of values")
        return cls


def _carries_data(cls: type) -> bool:
    return (
        issubclass(cls, BaseModel | Enum)
        or dataclasses.is_dataclass(cls)
        or (issubclass(cls, tuple) and hasattr(cls, "_fields"))
        or hasattr(cls, "__get_pydantic_core_schema__")
    )
