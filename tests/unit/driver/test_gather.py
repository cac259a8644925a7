"""`run.gather`: all of them, bounded, in order."""

import pytest

from raincheck import Run, StepFailed
from tests.unit.driver.scripted import Scripted, work


@pytest.mark.parametrize("count", [0, 1, 200, 1_000])
def test_results_come_in_the_order_of_the_items(count):
    """A caller zips results with inputs, whatever order the work ended in."""

    async def body(run: Run):
        return await run.gather((run.step(work, n) for n in range(count)), limit=1_000)

    flow = Scripted(body)
    flow.end(*reversed(flow.under_way))

    assert flow.driver.result == (list(range(count)), None)


@pytest.mark.parametrize(("limit", "count"), [(1, 5), (3, 10), (16, 16), (16, 17)])
def test_the_limit_bounds_what_is_under_way(limit, count):
    """A fan-out over thousands must not hit a downstream service with all at once."""

    async def body(run: Run):
        return await run.gather((run.step(work, n) for n in range(count)), limit=limit)

    flow = Scripted(body)
    most = []
    while not flow.driver.ended:
        most.append(len(flow.under_way))
        flow.end(flow.under_way[-1])

    assert max(most) == min(limit, count)
    assert flow.driver.result[0] == list(range(count))


def test_sixty_four_are_under_way_unless_told():
    """The default bound is part of the contract."""

    async def body(run: Run):
        await run.gather(run.step(work, n) for n in range(100))

    assert len(Scripted(body).under_way) == 64


def test_items_are_made_when_gather_is_called():
    """A nested generator expression must see its outer variable as it was then, not as it is later."""

    async def body(run: Run):
        return await run.gather(
            run.gather(run.step(work, 10 * row + column) for column in range(3)) for row in range(3)
        )

    flow = Scripted(body)
    while not flow.driver.ended:
        flow.end(flow.under_way[-1])

    assert flow.driver.result == ([[0, 1, 2], [10, 11, 12], [20, 21, 22]], None)


def test_a_limit_below_one_is_refused():
    """No item could ever begin."""

    async def body(run: Run):
        await run.gather([], limit=0)

    assert isinstance(Scripted(body).driver.result[1], ValueError)


def test_several_awaitables_give_a_tuple():
    """Operations and coroutines mix, and each keeps its own type."""

    async def text(run: Run) -> str:
        return f"number {await run.step(work, 2)}"

    async def body(run: Run):
        return await run.gather(run.step(work, 1), text(run))

    flow = Scripted(body)
    flow.end("work 2", "work 1")

    assert flow.driver.result == ((1, "number 2"), None)


def test_the_first_failure_in_history_order_is_raised():
    """Which error a flow sees depends on what happened first, not on the order of the list."""

    async def body(run: Run):
        await run.gather(run.step(work, n) for n in range(3))

    flow = Scripted(body)
    flow.fail("work 2")

    assert str(flow.driver.result[1]) == "work 2"


def test_a_failure_is_noticed_while_an_earlier_branch_still_waits():
    """A gather that looked at its items in list order would wait for the first one, maybe for days."""

    async def body(run: Run):
        await run.gather(run.step(work, 0), run.step(work, 1))

    flow = Scripted(body)
    flow.fail("work 1")

    assert isinstance(flow.driver.result[1], StepFailed)
    assert flow.abandoned == ["work 0"]


def test_the_first_failure_cancels_the_rest_and_begins_no_more():
    """What can't matter any more is not begun."""

    async def body(run: Run):
        await run.gather((run.step(work, n) for n in range(100)), limit=3)

    flow = Scripted(body)
    flow.fail("work 1")

    assert flow.abandoned == ["work 0", "work 2"]
    assert len(flow.executor.tasks) == 3


def test_clean_up_of_the_others_ends_before_the_failure_is_raised():
    """`finally` blocks with durable awaits are driven to their end; only then does the flow go on."""
    seen = []

    async def careful(run: Run):
        try:
            await run.step(work, 1)
        finally:
            await run.step(work, 100)
            seen.append("cleaned")

    async def body(run: Run):
        try:
            await run.gather(careful(run), run.step(work, 2))
        except StepFailed:
            seen.append("raised")

    flow = Scripted(body)
    flow.fail("work 2")
    assert flow.under_way == ["work 100"]
    flow.end("work 100")

    assert seen == ["cleaned", "raised"]


def test_an_error_of_the_clean_up_is_logged_and_ignored():
    """The failure that began it all is what the flow must see."""

    async def clumsy(run: Run):
        try:
            await run.step(work, 1)
        finally:
            raise KeyError("clumsy")

    async def body(run: Run):
        await run.gather(clumsy(run), run.step(work, 2))

    flow = Scripted(body)
    flow.fail("work 2")

    assert str(flow.driver.result[1]) == "work 2"
    assert any("clumsy" in line for line in flow.executor.logs)


def test_a_branch_that_fails_at_once_leaves_no_step_begun():
    """A step that was never under way is neither begun nor told to stop."""

    async def bad() -> None:
        raise ValueError("at once")

    async def body(run: Run):
        try:
            await run.gather(run.step(work, 1), bad())
        except ValueError:
            return await run.step(work, 2)

    flow = Scripted(body)

    assert flow.under_way == ["work 2"]
    assert flow.abandoned == []
    assert [task.label for task in flow.executor.tasks] == ["work 2"]
    assert list(flow.state.running_steps) == [2]


def test_a_gather_waits_for_branches_that_ended_in_the_same_moment():
    """Ends that come together are all noticed, the failure among them too."""

    async def body(run: Run):
        await run.gather(run.step(work, n) for n in range(3))

    flow = Scripted(body)
    flow.end("work 0", "work 2")
    flow.fail("work 1")

    assert str(flow.driver.result[1]) == "work 1"
    assert flow.abandoned == []


def test_coroutines_that_never_began_are_closed():
    """Python warns of coroutines that were never awaited; a failed gather is not their author's fault."""

    async def one(run: Run, number: int):
        return await run.step(work, number)

    async def body(run: Run):
        await run.gather((one(run, n) for n in range(10)), limit=2)

    flow = Scripted(body)
    flow.fail("work 0")  # the fixture collects what is left: a warning would fail the test

    assert flow.abandoned == ["work 1"]


def test_coroutines_inside_a_gather_that_never_began_are_closed():
    """The same one level further down."""

    async def one(run: Run, number: int):
        return await run.step(work, number)

    async def bad():
        raise ValueError("at once")

    async def body(run: Run):
        await run.gather(
            bad(), run.gather(one(run, 1), one(run, 2)), run.first(one(run, 3)), one(run, 4), limit=2
        )

    assert isinstance(Scripted(body).driver.result[1], ValueError)


def test_a_source_that_raises_fails_the_flow_and_leaves_nothing_open():
    """An error while items are made: what was made is closed, and nothing begins."""

    async def one(run: Run):
        await run.step(work, 0)

    def source(run):
        yield one(run)
        raise KeyError("source")

    async def body(run: Run):
        await run.gather(source(run))

    flow = Scripted(body)

    assert isinstance(flow.driver.result[1], KeyError)
    assert flow.executor.tasks == []


def test_what_is_no_awaitable_fails_the_flow_with_a_type_error():
    """Forgetting to call a coroutine function is a common slip."""

    async def body(run: Run):
        await run.gather([run.step(work, 0), 5])

    assert isinstance(Scripted(body).driver.result[1], TypeError)
