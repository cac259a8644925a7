"""Cancel: thrown into the innermost waiting branches, once; clean-up goes on."""

import pytest

from raincheck import Canceled, Run, StepFailed
from tests.unit.driver.scripted import Scripted, work
from tests.unit.driver.subflows import inner


async def careful(run: Run, number: int, seen: list) -> None:
    """A branch with a clean-up of two steps."""
    try:
        await run.step(work, number)
    finally:
        await run.step(work, number + 100)
        await run.step(work, number + 200)
        seen.append(number)


def test_a_waiting_step_is_left_in_flight_and_the_flow_ends_canceled():
    """The plain case."""

    async def body(run: Run):
        await run.step(work, 1)

    flow = Scripted(body)
    flow.cancel()

    assert isinstance(flow.driver.result[1], Canceled)
    assert flow.abandoned == ["work 1"]


def test_a_waiting_timer_is_cancelled():
    """Nothing may keep the orchestration open."""

    async def body(run: Run):
        await run.sleep(3600)

    flow = Scripted(body)
    flow.cancel()

    assert flow.executor.tasks[0].canceled


def test_a_sub_flow_is_left_in_flight_by_its_id():
    """Cancel goes all the way down."""

    async def body(run: Run):
        await run.flow(inner, 1)

    flow = Scripted(body)
    flow.cancel()

    assert list(flow.state.abandoned_flows) == [f"{flow.run.id}:1"]


def test_every_branch_of_a_gather_cleans_up():
    """Cancel reaches all leaves, and the run ends when the last clean-up has."""
    seen = []

    async def body(run: Run):
        await run.gather(careful(run, 1, seen), careful(run, 2, seen))

    flow = Scripted(body)
    flow.cancel()
    assert flow.under_way == ["work 101", "work 102"]
    flow.end("work 101", "work 102")
    flow.end("work 201", "work 202")

    assert seen == [1, 2]
    assert isinstance(flow.driver.result[1], Canceled)


def test_a_second_cancel_leaves_clean_up_alone():
    """Callers that cancel twice must not break what the first cancel began."""
    seen = []

    async def body(run: Run):
        await careful(run, 1, seen)

    flow = Scripted(body)
    flow.cancel()
    flow.cancel()
    flow.end("work 101")
    flow.cancel()
    flow.end("work 201")

    assert seen == [1]
    assert flow.abandoned == ["work 1"]


def test_cancel_leaves_alone_the_clean_up_of_a_failed_gather():
    """A branch that is being cancelled by its gather is not cancelled again by the run."""
    seen = []

    async def body(run: Run):
        try:
            await run.gather(careful(run, 1, seen), run.step(work, 2))
        except StepFailed:
            seen.append("went on")

    flow = Scripted(body)
    flow.fail("work 2")
    flow.cancel()
    assert flow.under_way == ["work 101"]
    flow.end("work 101")
    flow.end("work 201")

    assert seen == [1]
    assert isinstance(flow.driver.result[1], Canceled)


def test_what_a_cancelled_branch_raises_does_not_hide_the_cancel():
    """The flow must see that it was cancelled, not an error of its own clean-up."""

    async def clumsy(run: Run):
        try:
            await run.step(work, 1)
        finally:
            raise KeyError("clumsy")

    async def body(run: Run):
        try:
            await run.gather(clumsy(run), run.step(work, 2))
        except KeyError:
            await run.step(work, 3)

    flow = Scripted(body)
    flow.cancel()

    assert isinstance(flow.driver.result[1], Canceled)
    assert any("clumsy" in line for line in flow.executor.logs)


def test_cancel_before_the_flow_began():
    """A run that is cancelled while pending never does anything."""
    began = []

    async def body(run: Run):
        began.append(True)

    flow = Scripted(body, begin=False)
    flow.cancel()

    assert began == []
    assert flow.driver.ended
    assert isinstance(flow.driver.result[1], Canceled)


def test_a_flow_may_suppress_it_and_go_on():
    """A flow that finishes what can't be undone is in charge, until the grace period ends."""

    async def body(run: Run):
        try:
            await run.step(work, 1)
        except Canceled:
            return await run.step(work, 2)

    flow = Scripted(body)
    flow.cancel()
    flow.end("work 2")

    assert flow.driver.result == (2, None)


def test_except_exception_does_not_catch_it():
    """The usual 'log and go on' must not swallow a cancel."""

    async def body(run: Run):
        try:
            await run.step(work, 1)
        except Exception:  # noqa: BLE001 - what careless flows do
            await run.step(work, 2)

    flow = Scripted(body)
    flow.cancel()

    assert isinstance(flow.driver.result[1], Canceled)


@pytest.mark.parametrize("depth", [3, 400])
def test_it_reaches_the_bottom_of_deep_trees(depth):
    """Flows that nest gathers deeply are cancelled like any other, without running out of stack."""

    async def down(run: Run, left: int):
        if left:
            await run.gather(down(run, left - 1))
        else:
            await run.step(work, 0)

    flow = Scripted(lambda run: down(run, depth))
    assert flow.under_way == ["work 0"]
    flow.cancel()

    assert flow.abandoned == ["work 0"]
    assert isinstance(flow.driver.result[1], Canceled)


def test_when_the_flow_is_over_its_branches_are_cancelled():
    """A branch that the flow left behind is driven to its end, and its step is named."""

    async def body(run: Run):
        shared = run.step(work, 1)

        async def failing():
            await run.gather(shared, run.step(work, 2))

        async def patient():
            await shared

        await run.gather(failing(), patient())

    flow = Scripted(body)
    flow.fail("work 2")

    assert flow.driver.ended
    assert flow.abandoned == ["work 1"]


def test_abandoning_names_what_is_in_flight_without_another_turn():
    """When the grace period is over the flow gets no say any more."""
    seen = []

    async def body(run: Run):
        await careful(run, 1, seen)

    flow = Scripted(body)
    flow.cancel()
    flow.driver.abandon_all()

    assert flow.abandoned == ["work 1", "work 101"]
    assert flow.under_way == []


def test_a_flow_that_caught_a_failed_gather_leaves_exactly_what_is_in_flight():
    """Only steps that were under way and haven't ended are told to stop."""

    async def body(run: Run):
        try:
            await run.gather((run.step(work, n) for n in range(10)), limit=4)
        except StepFailed:
            return await run.step(work, 100)

    flow = Scripted(body)
    flow.end("work 1")
    flow.fail("work 3")
    flow.end("work 100")

    assert flow.abandoned == ["work 0", "work 2", "work 4"]
    assert flow.driver.result == (100, None)
