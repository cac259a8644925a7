"""Several things at once: all of them (`gather`), or the first (`first`).

Both notice each branch as it ends. The first failure is raised, after the others were cancelled and driven
to their end, `finally` blocks included.
"""

from collections.abc import Awaitable, Generator, Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from raincheck.driver.branches import Branch, Operation, discard

if TYPE_CHECKING:
    from raincheck.driver.driver import Driver

__all__ = ["Winner", "first", "gather"]


class Winner(NamedTuple):
    """Which one ended first, counted from 0, and with what."""

    which: int
    value: Any


async def gather(driver: "Driver", items: Iterable[Awaitable[Any]], limit: int) -> list[Any]:
    """Wait for all, at most `limit` at once; results in the order of the items."""
    scope = driver.scope()
    source = iter(items)
    results: list[Any] = []
    places: dict[Branch, list[int]] = {}
    try:
        while True:
            while len(scope.live) < limit and (taken := _take(source)):
                branch = branch_of(driver, taken[0])
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
    except BaseException:
        _discard_rest(source)
        if not driver.left:
            await scope.cancel_rest()
        raise


async def first(driver: "Driver", items: Iterable[Awaitable[Any]]) -> Winner:
    """Wait for the first to end; the others are cancelled."""
    scope = driver.scope()
    branches = [branch_of(driver, item) for item in items]
    if not branches:
        raise ValueError("run.first needs at least one thing to wait for")
    try:
        for branch in branches:
            scope.add(branch)
        ended = await scope.next()
        await scope.cancel_rest()
    except BaseException:
        if not driver.left:
            await scope.cancel_rest()
        raise
    if ended.error is not None:
        raise ended.error
    return Winner(branches.index(ended), ended.value)


def branch_of(driver: "Driver", awaitable: Awaitable[Any]) -> Branch:
    """Give the branch of an operation, or make one of a coroutine or any other awaitable."""
    if isinstance(awaitable, Operation):
        return awaitable.branch()
    return driver.spawn(_as_coroutine(awaitable))


async def _as_coroutine(awaitable: Awaitable[Any]) -> Any:
    return await awaitable


def _take(source: Iterator[Awaitable[Any]]) -> tuple[Awaitable[Any]] | None:
    for item in source:
        return (item,)
    return None


def _discard_rest(source: Iterator[Awaitable[Any]]) -> None:
    if isinstance(source, Generator):
        source.close()
        return
    for item in source:
        discard(item)
