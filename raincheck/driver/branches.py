"""Branches: the coroutines of a flow, as a tree. A branch waits for a task or for branches of its scope."""

import types
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from raincheck.driver.tasks import Task
from raincheck.errors import Canceled

if TYPE_CHECKING:
    from raincheck.driver.driver import Driver

__all__ = ["Branch", "Operation", "Scope", "TaskWait", "discard", "suspend"]

T = TypeVar("T")
Body = Coroutine[Any, Any, Any]


class TaskWait:
    """A branch waits for a task. `abandon` is given the task when the branch is cancelled meanwhile.

    The task is made when no branch can move any more: what is cancelled before that was never under way.
    """

    __slots__ = ("abandon", "make", "task")

    def __init__(self, make: Callable[[], Task], abandon: Callable[[Task], None]) -> None:
        self.make = make
        self.abandon = abandon
        self.task: Task | None = None


class Branch:
    """A coroutine under way. `number` is the order in which branches were made."""

    __slots__ = (
        "canceled",
        "coroutine",
        "done",
        "error",
        "holds",
        "number",
        "scopes",
        "started",
        "throw",
        "value",
        "waits",
    )

    def __init__(self, coroutine: Body, number: int, holds: Sequence[Any] = ()) -> None:
        self.coroutine = coroutine
        self.number = number
        self.holds = holds  # awaitables that its coroutine closes over: to be discarded if it never starts
        self.started = False
        self.done = False
        self.value: Any = None
        self.error: BaseException | None = None
        self.waits: TaskWait | Scope | None = None
        self.scopes: list[Scope] = []  # who wants to know that it ended
        self.throw: BaseException | None = None  # to be thrown in at its next turn
        self.canceled = False  # told once: its clean-up isn't interrupted

    def close_unstarted(self) -> None:
        """Close the coroutine and what it would have awaited, so that Python doesn't warn of them."""
        self.coroutine.close()
        for held in self.holds:
            discard(held)


class Scope:
    """Branches that one branch, the owner, waits for; it is told of each as it ends."""

    __slots__ = ("cancel_owner", "driver", "ended", "live", "owner")

    def __init__(self, driver: "Driver", owner: Branch) -> None:
        self.driver = driver
        self.owner = owner
        self.live: dict[Branch, None] = {}  # in the order added
        self.ended: deque[Branch] = deque()
        self.cancel_owner = False  # a cancel went through it to its branches, and is the owner's too

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
        """Return the next branch that has ended, in the order they ended."""
        while not self.ended:
            await suspend(self.driver, self)
        return self.ended.popleft()

    async def cancel_rest(self) -> None:
        """Cancel what is live and drive it to its end; what it raises meanwhile is logged and dropped.

        What another scope waits for too is left to it.
        """
        for branch in sorted(self.live, key=lambda b: b.number):
            if len(branch.scopes) > 1:
                self.leave(branch)
            else:
                self.driver.cancel(branch)
        while self.live or self.ended:
            ended = await self.next()
            if ended.error is not None and not isinstance(ended.error, Canceled):
                self.driver.log_dropped(ended.error)
        if self.cancel_owner:
            raise Canceled

    def leave(self, branch: Branch) -> None:
        """Wait for the branch no longer."""
        branch.scopes.remove(self)
        del self.live[branch]


class Operation(Awaitable[T], Generic[T]):
    """Something durable that a flow may await, as often as it likes: it is done once, at the first await."""

    __slots__ = ("_body", "_branch", "_driver", "_holds", "what")

    def __init__(
        self,
        driver: "Driver",
        what: str,
        body: Callable[[], Coroutine[Any, Any, T]],
        holds: Sequence[Any] = (),
    ) -> None:
        self._driver = driver
        self._body = body
        self._holds = holds
        self._branch: Branch | None = None
        self.what = what
        driver.note_made(self)

    @property
    def started(self) -> bool:
        """Whether anything awaited it."""
        return self._branch is not None

    def branch(self) -> Branch:
        """Return its branch, started now if need be."""
        if self._branch is None:
            self._branch = self._driver.spawn(self._body(), self._holds)
        return self._branch

    def discard(self) -> None:
        """Close what it holds, where nobody ever awaited it."""
        if self._branch is None:
            for held in self._holds:
                discard(held)

    def __await__(self) -> Generator[Any, Any, T]:
        return self._result().__await__()

    async def _result(self) -> T:
        if self._driver.left:
            await suspend(self._driver, None)
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
def suspend(
    driver: "Driver", waits: TaskWait | Scope | None
) -> Generator[TaskWait | Scope | None, None, None]:
    """The one await point: the driver goes on with the branch when what it waits for has moved."""
    if driver.left and driver.may_raise():  # the episode is over: `finally` blocks may not wait any more
        raise GeneratorExit
    yield waits


def discard(awaitable: Any) -> None:
    """Close a coroutine that will never be started, so that Python doesn't warn of it."""
    if isinstance(awaitable, Coroutine):
        awaitable.close()
    elif isinstance(awaitable, Operation):
        awaitable.discard()
