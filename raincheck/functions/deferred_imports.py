"""Defers what the SDKs import at once and no start needs: a fifth of a cold import is aiohttp's alone.

With init indexing the app's whole import runs within the host's limit of 10 s for a worker's start, and past
it the app is served with no function at all. What is deferred is imported when it is first used.
"""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

__all__ = ["deferred"]

_ANNOTATIONS = {("aiohttp", "ClientSession")}
"""What is looked up at import only to annotate a variable, of which nobody asks the type."""


class _StandIn(ModuleType):
    """Stands for a module until something of it is used."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._importing = True

    def __getattr__(self, name: str) -> Any:
        if self._importing and (self.__name__, name) in _ANNOTATIONS:
            return Any
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)

    def finish(self) -> None:
        """Let whoever imports the module from now on have the real one."""
        self._importing = False
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]


@contextmanager
def deferred(*names: str) -> Iterator[None]:
    """Let what is imported inside have stand-ins of these modules, unless they were imported before."""
    stand_ins = [_StandIn(name) for name in names if name not in sys.modules]
    sys.modules.update({stand_in.__name__: stand_in for stand_in in stand_ins})
    try:
        yield
    finally:
        for stand_in in stand_ins:
            stand_in.finish()
