"""Just enough of .NET's Task: completes once, tells who waits at once, in the order they came."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Task:
    """Pending, then completed: with or without an error. What it gave is of no interest to the replay."""

    __slots__ = ("_continuations", "completed", "failed")

    def __init__(self) -> None:
        self.completed = False
        self.failed = False
        self._continuations: list[Callable[[], None]] = []

    def complete(self, *, failed: bool = False) -> None:
        """Complete, unless it has; whoever waits goes on before this returns."""
        if self.completed:
            return
        self.completed, self.failed = True, failed
        waiting, self._continuations = self._continuations, []
        for go_on in waiting:
            go_on()

    def then(self, go_on: Callable[[], None]) -> None:
        """Call back on completion, at once if it has completed."""
        if self.completed:
            go_on()
        else:
            self._continuations.append(go_on)


def done(*, failed: bool = False) -> Task:
    """Return a task that has completed."""
    task = Task()
    task.complete(failed=failed)
    return task


def when_all(tasks: Sequence[Task]) -> Task:
    """Complete when all have; failed if one did. Of nothing: completed."""
    whole, left = Task(), len(tasks)
    if not tasks:
        return done()

    def one_less() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            whole.complete(failed=any(task.failed for task in tasks))

    for task in tasks:
        task.then(one_less)
    return whole


def when_any(tasks: Sequence[Task]) -> Task:
    """Complete with the first, failed or not. .NET refuses an empty list: so does this (ValueError)."""
    if not tasks:
        raise ValueError("The tasks argument contains no tasks.")
    first = Task()
    for task in tasks:
        task.then(first.complete)
    return first
