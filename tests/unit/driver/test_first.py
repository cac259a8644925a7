"""`run.first`: the first to end, and the others are cancelled."""

import pytest

from raincheck import Canceled, Run, StepFailed
from raincheck.errors import FlowBug
from tests.unit.driver.scripted import Scripted, work


def test_the_winner_is_named_by_its_place():
    """A flow must know which of its questions was answered."""

    async def body(run: Run):
        which, value = await run.first(run.step(work, 1), run.step(work, 2))
        return which, value

    flow = Scripted(body)
    flow.end("work 2")

    assert flow.driver.result == ((1, 2), None)


def test_losers_are_left_in_flight_and_named():
    """Exactly the losers are told to stop."""

    async def body(run: Run):
        await run.first(run.step(work, 1), run.step(work, 2), run.step(work, 3))

    flow = Scripted(body)
    flow.end("work 2")

    assert flow.abandoned == ["work 1", "work 3"]


def test_a_losing_timer_is_cancelled():
    """An orchestration can't end before its timers do."""

    async def body(run: Run):
        return await run.first(run.step(work, 1), run.sleep(3600))

    flow = Scripted(body)
    timer = flow.executor.tasks[-1]
    flow.end("work 1")

    assert timer.canceled
    assert flow.under_way == []


def test_clean_up_of_the_losers_ends_first():
    """What a loser must put in order is in order when the flow goes on."""
    seen = []

    async def careful(run: Run):
        try:
            await run.step(work, 1)
        except Canceled:
            await run.step(work, 100)
            seen.append("cleaned")
            raise

    async def body(run: Run):
        await run.first(careful(run), run.step(work, 2))
        seen.append("went on")

    flow = Scripted(body)
    flow.end("work 2")
    flow.end("work 100")

    assert seen == ["cleaned", "went on"]


def test_of_two_that_end_together_the_earlier_in_the_list_wins():
    """The same history always gives the same winner."""

    async def body(run: Run):
        return await run.first(run.step(work, 1), run.step(work, 2))

    flow = Scripted(body)
    flow.end("work 2", "work 1")

    assert flow.driver.result[0].which == 0


def test_a_failure_that_comes_first_is_raised():
    """The first to end decides, also by failing."""

    async def body(run: Run):
        await run.first(run.step(work, 1), run.step(work, 2))

    flow = Scripted(body)
    flow.fail("work 2")

    assert isinstance(flow.driver.result[1], StepFailed)
    assert flow.abandoned == ["work 1"]


def test_nothing_to_wait_for_is_refused():
    """It would wait for ever."""

    async def body(run: Run):
        await run.first()

    assert isinstance(Scripted(body).driver.result[1], ValueError)


def test_a_step_with_a_deadline_can_be_asked_again():
    """The idiom for a time-out in a loop: each round is a race of its own."""

    async def body(run: Run):
        for n in range(3):
            which, _ = await run.first(run.step(work, n), run.sleep(60))
            if which == 0:
                return n
        return None

    flow = Scripted(body)
    flow.end("timer 61")
    flow.end("timer 61")
    flow.end("work 2")

    assert flow.driver.result[0] == 2
    assert flow.abandoned == ["work 0", "work 1"]


def test_awaiting_what_was_given_up_is_a_bug_that_names_it():
    """Nobody cancelled the run; the flow asks for a result that can't come any more."""

    async def body(run: Run):
        slow = run.step(work, 1)
        await run.first(slow, run.step(work, 2))
        return await slow

    flow = Scripted(body)
    flow.end("work 2")
    error = flow.driver.result[1]

    assert isinstance(error, FlowBug)
    line = body.__code__.co_firstlineno
    assert "The step work was given up by run.first at driver/test_first.py" in str(error)
    assert f"test_first.py:{line + 2}" in str(error)
    assert f"awaited again at driver/test_first.py:{line + 3}" in str(error)


@pytest.mark.parametrize("again", ["gather", "first", "caught"])
def test_it_is_a_bug_wherever_it_is_awaited_again(again):
    """In another gather, in another race, and although the flow catches it."""

    async def body(run: Run):
        slow = run.step(work, 1)
        await run.first(slow, run.step(work, 2))
        if again == "caught":
            try:
                await slow
            except BaseException:  # noqa: BLE001 - what it is about
                return 5
        await (
            run.gather(slow, run.step(work, 3)) if again == "gather" else run.first(slow, run.step(work, 3))
        )
        return None

    flow = Scripted(body)
    flow.end("work 2")

    assert isinstance(flow.driver.result[1], FlowBug)


def test_what_a_given_up_coroutine_waited_for_was_given_up_too():
    """The race gave up all below it."""

    async def body(run: Run):
        slow = run.step(work, 1)

        async def waiting():
            return await slow

        await run.first(waiting(), run.step(work, 2))
        return await slow

    flow = Scripted(body)
    flow.end("work 2")

    assert "given up by run.first" in str(flow.driver.result[1])


def test_the_rest_of_a_failed_gather_was_given_up_too():
    """It is the same: no result, and nobody cancelled the run."""

    async def body(run: Run):
        slow = run.step(work, 1)
        try:
            await run.gather(slow, run.step(work, 2))
        except StepFailed:
            return await slow

    flow = Scripted(body)
    flow.fail("work 2")

    assert "given up by run.gather" in str(flow.driver.result[1])


def test_a_cancelled_run_is_no_bug():
    """Its clean-up may look at what it had under way."""

    async def body(run: Run):
        slow = run.step(work, 1)
        try:
            await slow
        finally:
            await slow

    flow = Scripted(body)
    flow.cancel()

    assert isinstance(flow.driver.result[1], Canceled)
