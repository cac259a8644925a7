"""An operation that is awaited more than once is done once."""

from raincheck import Run, StepFailed
from tests.unit.driver.scripted import Scripted, work


def test_awaiting_twice_gives_the_same_value():
    """The second await doesn't do the work again."""

    async def body(run: Run):
        operation = run.step(work, 7)
        return await operation, await operation

    flow = Scripted(body)
    flow.end("work 7")

    assert flow.driver.result == ((7, 7), None)
    assert len(flow.executor.tasks) == 1


def test_awaiting_a_failed_one_twice_raises_twice():
    """A failure isn't swallowed by having been looked at."""

    async def body(run: Run):
        operation = run.step(work, 7)
        errors = []
        for _ in range(2):
            try:
                await operation
            except StepFailed as error:
                errors.append(str(error))
        return errors

    flow = Scripted(body)
    flow.fail("work 7")

    assert flow.driver.result[0] == ["work 7", "work 7"]


def test_two_branches_may_wait_for_the_same_operation():
    """Both get the value, and what is under way is listed once."""

    async def body(run: Run):
        shared = run.step(work, 7)

        async def use() -> int:
            return await shared

        return await run.gather(use(), use())

    flow = Scripted(body)
    assert flow.under_way == ["work 7"]
    flow.end("work 7")

    assert flow.driver.result == ((7, 7), None)


def test_one_operation_gathered_twice_fills_both_places():
    """`gather(a, b, a)` gives three results."""

    async def body(run: Run):
        a, b = run.step(work, 1), run.step(work, 2)
        return await run.gather(a, b, a)

    flow = Scripted(body)
    flow.end("work 2")
    flow.end("work 1")

    assert flow.driver.result == ((1, 2, 1), None)


def test_an_operation_that_has_ended_can_be_gathered():
    """Its result is taken as it is."""

    async def body(run: Run):
        a = run.step(work, 1)
        await a
        return await run.gather(a, run.step(work, 2))

    flow = Scripted(body)
    flow.end("work 1")
    flow.end("work 2")

    assert flow.driver.result == ((1, 2), None)


def test_a_lost_race_leaves_alone_what_somebody_else_waits_for():
    """A step that another branch needs isn't cancelled by a time-out of this one."""

    async def body(run: Run):
        shared = run.step(work, 7)

        async def impatient() -> int:
            return (await run.first(run.sleep(60), shared)).which

        async def patient() -> int:
            return await shared

        return await run.gather(impatient(), patient())

    flow = Scripted(body)
    flow.end("timer 61")
    flow.end("work 7")

    assert flow.driver.result == ((0, 7), None)
    assert flow.abandoned == []


def test_a_failed_gather_leaves_alone_what_somebody_else_waits_for():
    """As with a race: whoever still waits gets the result."""

    async def body(run: Run):
        shared = run.step(work, 7)

        async def failing() -> str:
            try:
                await run.gather(shared, run.step(work, 1))
            except StepFailed:
                return "failed"
            return "went well"

        async def patient() -> int:
            return await shared

        return await run.gather(failing(), patient())

    flow = Scripted(body)
    flow.fail("work 1")
    flow.end("work 7")

    assert flow.driver.result == (("failed", 7), None)


def test_cancel_reaches_a_step_that_two_branches_share():
    """When the whole run is cancelled nobody is left who needs it."""

    async def body(run: Run):
        shared = run.step(work, 7)

        async def use() -> int:
            return await shared

        return await run.gather(use(), use())

    flow = Scripted(body)
    flow.cancel()

    assert flow.driver.ended
    assert flow.abandoned == ["work 7"]
