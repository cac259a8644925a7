"""Several things at once: all of them (`gather`), or the first (`first`).

Both notice each branch as it ends. The first failure is raised, after the others were cancelled and driven
to their end, `finally` blocks included.
"""

from collections.abc import Awaitable, Iterable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from raincheck.driver.branch import Branch
from raincheck.driver.driver import Driver
from raincheck.driver.operation import branch_of, close_unstarted
from raincheck.driver.scopes import Scope, Shield
from raincheck.errors import Canceled

__all__ = ["Winner", "first", "gather", "read", "shield"]

Which_co = TypeVar("Which_co", bound=int, covariant=True)
Value_co = TypeVar("Value_co", covariant=True)


class Winner(NamedTuple, Generic[Value_co, Which_co]):
    """Which one ended first, counted from 0, and with what."""

    which: Which_co
    value: Value_co


async def gather(driver: Driver, items: Sequence[Awaitable[Any]], limit: int) -> list[Any]:
    """Wait for all, at most `limit` at once; results in the order of the items."""
    scope = Scope(driver)
    results: list[Any] = []
    places: dict[Branch, list[int]] = {}
    try:
        while True:
            while len(scope.live) < limit and len(results) < len(items):
                branch = branch_of(driver, items[len(results)])
                places.setdefault(branch, []).append(len(results))
                results.append(None)
                scope.add(branch)
            if not scope.live and not scope.ended:
                return results
            ended = await scope.next()
            if ended.error is not None:
                raise ended.error  # noqa: TRY301 - as if it had been raised here
            for place in places.pop(ended, ()):
                results[place] = ended.value
    except BaseException as error:
        close_unstarted(items[len(results) :])
        await _cancel_rest(scope, error, "run.gather")
        raise


async def first(driver: Driver, items: Sequence[Awaitable[Any]]) -> Winner[Any, int]:
    """Wait for the first to end; the others are cancelled."""
    if not items:
        raise ValueError("run.first needs at least one thing to wait for")
    scope = Scope(driver)
    branches = [branch_of(driver, item) for item in items]
    try:
        for branch in branches:
            scope.add(branch)
        ended = await scope.next()
        await scope.cancel_rest("run.first")
    except BaseException as error:
        await _cancel_rest(scope, error, "run.first")
        raise
    if ended.error is not None:
        raise ended.error
    return Winner(branches.index(ended), ended.value)


async def shield(driver: Driver, item: Awaitable[Any]) -> Any:
    """Wait for something that no cancel interrupts; a cancel that came meanwhile is raised at its end."""
    scope = Shield(driver)
    scope.add(branch_of(driver, item))
    ended = await scope.next()
    if scope.cancel_owner:
        raise Canceled
    if ended.error is not None:
        raise ended.error
    return ended.value


def read(items: Iterable[Awaitable[Any]]) -> list[Awaitable[Any]]:
    """Read an iterable; where that fails, close the coroutines made so far."""
    awaitables: list[Awaitable[Any]] = []
    try:
        awaitables.extend(items)  # keeps what came before the failure
    except BaseException:
        close_unstarted(awaitables)
        raise
    return awaitables


async def _cancel_rest(scope: Scope, error: BaseException, by: str) -> None:
    """Cancel what is live, unless the episode is over: then nothing may wait any more."""
    if isinstance(error, GeneratorExit):
        return
    if scope.cancel_owner and not isinstance(error, Canceled):
        scope.driver.log_ignored(error)
    await scope.cancel_rest(by)
