"""An event loop in which waiting takes no time: where nothing else is to do, the clock jumps on."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any

__all__ = ["run_virtually"]


class JumpingSelector(selectors.SelectSelector):
    """Waits for nothing; adds what it would have waited to `now`."""

    now = 0.0

    def select(self, timeout=None):
        self.now += max(timeout or 0.0, 1e-6)  # a clock that stands still is none
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """Tells the selector's time."""

    def __init__(self) -> None:
        self._jumping = JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


def run_virtually(main: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine to its end; hours pass at once."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
