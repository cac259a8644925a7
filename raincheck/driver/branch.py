"""A branch: a coroutine of a flow under way. Branches form a tree: one waits for a task, or for others."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol

__all__ = ["Body", "Branch", "EndObserver", "Wait"]

Body = Coroutine[Any, Any, Any]


class Branch:
    """A coroutine under way. `number` is the order in which branches were made."""

    __slots__ = (
        "canceled",
        "close_operands",
        "coroutine",
        "done",
        "error",
        "given_up",
        "number",
        "observers",
        "started",
        "throw",
        "value",
        "wait",
    )

    def __init__(
        self, coroutine: Body, number: int, close_operands: Callable[[], None] | None = None
    ) -> None:
        self.coroutine = coroutine
        self.number = number
        self.close_operands = close_operands  # closes the awaitables that it would have awaited
        self.started = False
        self.done = False
        self.value: Any = None
        self.error: BaseException | None = None
        self.wait: Wait | None = None
        self.observers: list[EndObserver] = []
        self.throw: BaseException | None = None  # to be thrown in at its next turn
        self.canceled = False  # once: its clean-up isn't interrupted
        self.given_up: str | None = None  # by whom and where, where it wasn't the run's own cancel

    def close_unstarted(self) -> None:
        """Close the coroutine and what it would have awaited, so that Python doesn't warn of them."""
        self.coroutine.close()
        if self.close_operands is not None:
            self.close_operands()


class Wait:
    """What a branch waits for: its await points yield it to the driver."""

    __slots__ = ()

    def begin(self) -> None:
        """Let the branch wait: it has just been suspended."""
        raise NotImplementedError

    def cancel(self) -> Sequence[Branch] | None:
        """Let the branch wait no longer, or return the branches that are to be cancelled in its place.

        None: it goes on waiting, and cancels itself when it has what it waits for.
        """
        raise NotImplementedError

    def abandon(self) -> None:
        """Wait no longer, without another turn for any branch: the flow is over."""


class EndObserver(Protocol):
    """Who wants to know that a branch has ended: a wait of `owner`'s."""

    owner: Branch

    def note_end(self, branch: Branch) -> None:
        """Take note of it."""
        ...
