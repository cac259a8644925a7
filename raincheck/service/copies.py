"""Copies of a request that reach one worker at the same time take turns: the later ones find the run.

A courtesy, nothing rests on it: between workers, and past the patience of a copy, the rows decide.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

__all__ = ["Copies"]

PATIENCE = 3.0  # seconds


class Copies:
    """Turns by key, for each event loop its own. A copy waits for at most `patience` seconds."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._locks: WeakValueDictionary[tuple[int, str], asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, key: str) -> AsyncIterator[None]:
        """Wait for those of this key that came before, but not for long."""
        lock = self._locks.setdefault((id(asyncio.get_running_loop()), key), asyncio.Lock())
        try:
            async with asyncio.timeout(self._patience):
                await lock.acquire()
        except TimeoutError:
            yield
            return
        try:
            yield
        finally:
            lock.release()
