"""Branches: the coroutines of a flow, as a tree. A branch waits for a task or for branches of its scope."""

import types
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from raincheck.driver.tasks import Task
from raincheck.errors import Canceled

if TYPE_CHECKING:
    from raincheck.driver.driver import Driver

__all__ = ["Branch", "Operation", "Scope", "TaskWait", "discard", "suspend"]

T = TypeVar("T")
Body = Coroutine[Any, Any, Any]


class TaskWait:
    """A branch waits for a task. `abandon` is called when the branch is cancelled meanwhile."""

    __slots__ = ("abandon", "task")

    def __init__(self, task: Task, abandon: Callable[[], None]) -> None:
        self.task = task
        self.abandon = abandon


class Branch:
    """A coroutine under way. `number` is the order in which branches were made."""

    __slots__ = (
        "canceled",
        "coroutine",
        "done",
        "error",
        "number",
        "scopes",
        "started",
        "throw",
        "value",
        "waits",
    )

    def __init__(self, coroutine: Body, number: int) -> None:
        self.coroutine = coroutine
        self.number = number
        self.started = False
        self.done = False
        self.value: Any = None
        self.error: BaseException | None = None
        self.waits: TaskWait | Scope | None = None
        self.scopes: list[Scope] = []  # who wants to know that it ended
        self.throw: Canceled | None = None  # to be thrown in at its next turn
        self.canceled = False  # thrown once: its clean-up isn't interrupted


class Scope:
    """Branches that one branch, the owner, waits for; it is told of each as it ends."""

    __slots__ = ("cancel_owner", "driver", "ended", "live", "owner")

    def __init__(self, driver: "Driver", owner: Branch) -> None:
        self.driver = driver
        self.owner = owner
        self.live: dict[Branch, None] = {}  # in the order added
        self.ended: deque[Branch] = deque()
        self.cancel_owner = False  # a cancel came while the others were being cancelled already

    def add(self, branch: Branch) -> None:
        """Wait for a branch too."""
        if branch.done:
            self.ended.append(branch)
        elif branch not in self.live:
            self.live[branch] = None
            branch.scopes.append(self)

    def note_end(self, branch: Branch) -> None:
        """Take note that a branch has ended, and wake the owner if it waits here."""
        del self.live[branch]
        self.ended.append(branch)
        if self.owner.waits is self:
            self.driver.wake(self.owner)

    async def next(self) -> Branch:
        """Give the next branch that has ended, in the order they ended."""
        while not self.ended:
            await suspend(self.driver, self)
        return self.ended.popleft()

    async def cancel_rest(self) -> None:
        """Cancel what is live and drive it to its end; what it raises meanwhile is logged and dropped."""
        for branch in sorted(self.live, key=lambda b: b.number):
            self.driver.cancel(branch)
        while self.live or self.ended:
            ended = await self.next()
            if ended.error is not None and not isinstance(ended.error, Canceled):
                self.driver.log_dropped(ended.error)
        if self.cancel_owner:
            raise Canceled


class Operation(Awaitable[T], Generic[T]):
    """Something durable that a flow may await, as often as it likes: it is done once, at the first await."""

    __slots__ = ("_body", "_branch", "_driver", "what")

    def __init__(self, driver: "Driver", what: str, body: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self._driver = driver
        self._body = body
        self._branch: Branch | None = None
        self.what = what
        driver.note_made(self)

    @property
    def started(self) -> bool:
        """Whether anything awaited it."""
        return self._branch is not None

    def branch(self) -> Branch:
        """Give its branch, started now if need be."""
        if self._branch is None:
            self._branch = self._driver.spawn(self._body())
        return self._branch

    def __await__(self) -> Generator[Any, Any, T]:
        return self._result().__await__()

    async def _result(self) -> T:
        branch = self.branch()
        if not branch.done:
            scope = self._driver.scope()
            scope.add(branch)
            await scope.next()
        if branch.error is not None:
            raise branch.error
        value: T = branch.value
        return value

    def __repr__(self) -> str:
        return f"<{self.what}>"


@types.coroutine
def suspend(driver: "Driver", waits: TaskWait | Scope) -> Generator[TaskWait | Scope, None, None]:
    """The one await point: the driver goes on with the branch when what it waits for has moved."""
    if driver.left:  # the episode is over: `finally` blocks may not wait any more
        raise GeneratorExit
    yield waits


def discard(awaitable: Any) -> None:
    """Close a coroutine that will never be started, so that Python doesn't warn of it."""
    if isinstance(awaitable, Coroutine):
        awaitable.close()
