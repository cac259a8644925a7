"""Which branches wait for which tasks, and when those tasks are made."""

from collections.abc import Callable, Iterable, Sequence

from raincheck.driver.branch import Branch, Wait
from raincheck.driver.tasks import Task

__all__ = ["TaskWait", "Waits"]


class TaskWait(Wait):
    """A branch waits for a task; one that is cancelled meanwhile abandons the task.

    The task is made when no branch can move any more: what is cancelled before that was never under way.
    """

    __slots__ = ("abandon_task", "branch", "make", "task", "waits")

    def __init__(
        self, waits: "Waits", branch: Branch, make: Callable[[], Task], abandon_task: Callable[[Task], None]
    ) -> None:
        self.waits = waits
        self.branch = branch
        self.make = make
        self.abandon_task = abandon_task
        self.task: Task | None = None

    def begin(self) -> None:
        """Wait for the task, or for its making."""
        self.waits.add(self)

    def cancel(self) -> Sequence[Branch]:
        """Abandon the task."""
        self.abandon()
        return ()

    def abandon(self) -> None:
        """Abandon the task, where it was made."""
        if self.task is not None:
            self.abandon_task(self.task)
            self.waits.remove(self.branch, self.task)


class Waits:
    """The tasks that branches wait for, in the order they were made."""

    def __init__(self) -> None:
        self._branches: dict[Task, list[Branch]] = {}
        self._unmade: list[TaskWait] = []
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

    def add(self, wait: TaskWait) -> None:
        """Wait for a task, which may have to be made first."""
        if wait.task is None:
            self._unmade.append(wait)
        else:
            self._branches.setdefault(wait.task, []).append(wait.branch)

    def remove(self, branch: Branch, task: Task) -> None:
        """Let the branch wait for the task no longer."""
        branches = self._branches.get(task, [])
        if branch in branches:
            branches.remove(branch)
        if not branches:
            self._branches.pop(task, None)

    def make_tasks(self) -> list[tuple[Branch, Exception | None]]:
        """Build the tasks that are still waited for, in the order branches came to wait.

        Returns the branches that can move at once, and the error where a task could not be made.
        """
        unmade, self._unmade = self._unmade, []
        moved: list[tuple[Branch, Exception | None]] = []
        for wait in unmade:
            branch = wait.branch
            if branch.wait is not wait or branch.throw is not None:
                continue
            try:
                wait.task = wait.make()
            except Exception as error:  # noqa: BLE001 - the branch that waits for it is who must know
                moved.append((branch, error))
                continue
            if wait.task.done:
                moved.append((branch, None))
            else:
                self._branches.setdefault(wait.task, []).append(branch)
                self._new.append(wait.task)
        return moved
