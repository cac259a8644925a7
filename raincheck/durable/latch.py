"""The one place that knows how to wait for several Durable tasks at once."""

from collections.abc import Generator, Sequence
from typing import Any

from azure.durable_functions.models.actions.WhenAllAction import WhenAllAction
from azure.durable_functions.models.actions.WhenAnyAction import WhenAnyAction
from azure.durable_functions.models.Task import TaskState

__all__ = ["Latch"]


class Latch:
    """Waits for the first of all tasks it was ever given that haven't ended, and never blocks the extension.

    The SDK leaves out of a WhenAny's action whatever was scheduled before or has ended, and the extension
    awaits the actions of an orchestration one after another: it would block on what is left and schedule
    nothing that comes later. An empty WhenAll inside makes the extension's WhenAny complete at once, while
    the SDK's own bookkeeping still decides when the orchestrator goes on. Checked by recorded exchanges
    with the genuine extension (`reyield` and `awaited` in devhost/tests/conformance).

    Each WhenAny holds the new tasks only, and the latch itself is the parent that all tasks report to: with
    a thousand of them under way, a WhenAny over all at each end would cost a million.
    """

    def __init__(self, context: Any) -> None:
        self._context = context
        self._waiting: Any = None
        self._ended: list[Any] = []

    def wait(self, tasks: Sequence[Any]) -> Generator[Any, Any, list[Any]]:
        """Wait for one of `tasks` or of those given before; give what has ended since the last wait."""
        new = [task for task in tasks if task.parent is not self]
        self._waiting = waiting = self._context.task_any(new)
        waiting.action_repr = WhenAnyAction([WhenAllAction([]), *waiting.action_repr.compound_tasks])
        self._ended += [task for task in new if task.is_completed]
        if not self._ended:
            waiting.state = TaskState.RUNNING  # the SDK takes a WhenAny of nothing for completed
        for task in new:
            task.parent = self
        yield waiting
        ended, self._ended = self._ended, []
        return ended

    def handle_completion(self, task: Any) -> None:
        """Take note that a task has ended: the SDK calls this of a task's parent."""
        self._ended.append(task)
        if self._waiting.state is TaskState.RUNNING:
            self._waiting.set_is_played(task.is_played)
            self._waiting.set_value(is_error=False, value=task)
