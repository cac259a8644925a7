"""Which branches wait for which tasks, and when those tasks are made."""

from collections.abc import Iterable

from raincheck.driver.branches import Branch, TaskWait
from raincheck.driver.tasks import Task

__all__ = ["Waits"]


class Waits:
    """The tasks that branches wait for, in the order they were made."""

    def __init__(self) -> None:
        self._branches: dict[Task, list[Branch]] = {}
        self._unmade: list[tuple[Branch, TaskWait]] = []
        self._new: list[Task] = []

    def __bool__(self) -> bool:
        return bool(self._branches)

    @property
    def outstanding(self) -> list[Task]:
        """The tasks, each once."""
        return list(self._branches)

    def take_new(self) -> list[Task]:
        """Return the tasks made since this was last asked."""
        new, self._new = self._new, []
        return new

    def take_ended(self, ended: Iterable[Task] | None) -> list[Branch]:
        """Return the branches whose tasks are done; all tasks are looked at where `ended` isn't given."""
        done = [task for task in (list(self._branches) if ended is None else ended) if task.done]
        return [branch for task in done for branch in self._branches.pop(task, ())]

    def add(self, branch: Branch, waits: TaskWait) -> None:
        """Let the branch wait."""
        branch.waits = waits
        if waits.task is None:
            self._unmade.append((branch, waits))
        else:
            self._branches.setdefault(waits.task, []).append(branch)

    def make_tasks(self) -> list[tuple[Branch, Exception | None]]:
        """Build the tasks that are still waited for, in the order branches came to wait.

        Gives the branches that can move at once, and the error where a task could not be made.
        """
        unmade, self._unmade = self._unmade, []
        moved: list[tuple[Branch, Exception | None]] = []
        for branch, waits in unmade:
            if branch.waits is not waits or branch.throw is not None:
                continue
            try:
                waits.task = waits.make()
            except Exception as error:  # noqa: BLE001 - the branch that waits for it is who must know
                moved.append((branch, error))
                continue
            if waits.task.done:
                moved.append((branch, None))
            else:
                self._branches.setdefault(waits.task, []).append(branch)
                self._new.append(waits.task)
        return moved

    def give_up(self, branch: Branch) -> None:
        """Let the branch wait no longer for its task, and abandon the task."""
        waits = branch.waits
        if not isinstance(waits, TaskWait) or waits.task is None:
            return
        waits.abandon(waits.task)
        branches = self._branches.get(waits.task, [])
        if branch in branches:
            branches.remove(branch)
        if not branches:
            self._branches.pop(waits.task, None)
