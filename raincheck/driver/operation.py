"""What a flow awaits: an operation, done once however often it is awaited."""

from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterable, Sequence
from typing import Any, Generic, TypeVar

from raincheck.driver.branch import Branch
from raincheck.driver.driver import Driver
from raincheck.driver.given_up import refuse_given_up
from raincheck.driver.scopes import Scope

__all__ = ["Operation", "branch_of", "close_unstarted"]

T_co = TypeVar("T_co", covariant=True)


class Operation(Awaitable[T_co], Generic[T_co]):
    """Something durable that a flow may await, as often as it likes: it is done once, at the first await."""

    __slots__ = ("_body", "_branch", "_driver", "_operands", "what")

    def __init__(
        self,
        driver: Driver,
        what: str,
        body: Callable[[], Coroutine[Any, Any, T_co]],
        operands: Sequence[Any] = (),
    ) -> None:
        self._driver = driver
        self._body = body
        self._operands = operands  # awaitables that its body awaits: to be closed if it never starts
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
            close = self._close_operands if self._operands else None
            self._branch = self._driver.spawn(self._body(), close)
        return self._branch

    def close_unstarted(self) -> None:
        """Close what it would have awaited, where nobody ever awaited it."""
        if self._branch is None:
            self._close_operands()

    def _close_operands(self) -> None:
        close_unstarted(self._operands)

    def __await__(self) -> Generator[Any, Any, T_co]:
        return self._result().__await__()

    async def _result(self) -> T_co:
        if self._driver.left:
            await self._driver.suspend(None)
        branch = self.branch()
        if not branch.done:
            scope = Scope(self._driver)
            scope.add(branch)
            await scope.next()
        if branch.error is not None:
            refuse_given_up(self._driver, branch, self.what)
            raise branch.error
        value: T_co = branch.value
        return value

    def __repr__(self) -> str:
        return f"<{self.what}>"


def branch_of(driver: Driver, awaitable: Awaitable[Any]) -> Branch:
    """Return the branch of an operation, or make one of a coroutine or any other awaitable."""
    if isinstance(awaitable, Operation):
        branch = awaitable.branch()
        refuse_given_up(driver, branch, awaitable.what)
        return branch
    if isinstance(awaitable, Coroutine):
        return driver.spawn(awaitable)
    return driver.spawn(_as_coroutine(awaitable))


async def _as_coroutine(awaitable: Awaitable[Any]) -> Any:
    return await awaitable


def close_unstarted(awaitables: Iterable[Any]) -> None:
    """Close what will never be awaited, so that Python doesn't warn of it."""
    for awaitable in awaitables:
        if isinstance(awaitable, Coroutine):
            awaitable.close()
        elif isinstance(awaitable, Operation):
            awaitable.close_unstarted()
