"""The end of an episode: the flow is put away half done, and the next episode begins from the start."""

import gc

import pytest

from raincheck import Run
from tests.unit.driver.scripted import Scripted, work


async def careful(run: Run, number: int, seen: list) -> None:
    """Clean up with a durable await."""
    try:
        await run.step(work, number)
    finally:
        await run.step(work, number + 100)
        seen.append(number)


def test_a_gather_half_done_is_put_away_without_a_warning():
    """Python must find nothing to complain of: neither coroutines never awaited nor exits ignored."""
    seen = []

    async def body(run: Run):
        await run.gather((careful(run, n, seen) for n in range(5)), limit=3)

    flow = Scripted(body)
    flow.end("work 0")
    flow.driver.leave()

    assert seen == []
    assert [task.label for task in flow.executor.tasks] == ["work 0", "work 1", "work 2", "work 100"]


def test_a_race_half_done_is_put_away_without_a_warning():
    """As a gather."""
    seen = []

    async def body(run: Run):
        await run.first(careful(run, 1, seen), run.sleep(60), run.gather(careful(run, 2, seen)))

    flow = Scripted(body)
    flow.driver.leave()

    assert seen == []


def test_finally_blocks_start_nothing():
    """What a `finally` block awaits when the episode ends must not become a new action."""

    async def body(run: Run):
        try:
            await run.sleep(60)
        finally:
            await run.gather(run.step(work, 1), careful(run, 2, []))

    flow = Scripted(body)
    made = len(flow.executor.tasks)
    flow.driver.leave()

    assert len(flow.executor.tasks) == made


@pytest.mark.parametrize("error", [KeyError("odd"), RuntimeError("odd"), SystemExit(3)])
def test_what_finally_blocks_raise_is_ignored(error):
    """The end of an episode is not the end of the flow: such an error is an artefact."""

    async def body(run: Run):
        try:
            await run.step(work, 1)
        finally:
            raise error

    Scripted(body).driver.leave()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Python's, and deserved
def test_a_flow_that_catches_everything_in_a_loop_can_be_left():
    """A bare `except` with a retry would otherwise keep the worker busy for ever."""

    async def body(run: Run):
        while True:
            try:
                await run.step(work, 1)
            except BaseException:  # noqa: BLE001 - what careless flows do
                continue

    flow = Scripted(body)
    flow.driver.leave()
    Scripted.made.clear()
    del flow
    gc.collect()


def test_leaving_twice_is_the_same_as_once():
    """The orchestrator leaves in a `finally` of its own."""

    async def body(run: Run):
        await run.step(work, 1)

    flow = Scripted(body)
    flow.driver.leave()
    flow.driver.leave()


def test_forgotten_operations_are_closed():
    """A gather that nobody awaited holds coroutines; its author is told of the gather, not of those."""

    async def body(run: Run):
        run.gather(careful(run, 1, []), careful(run, 2, []))

    flow = Scripted(body)
    flow.driver.leave()
