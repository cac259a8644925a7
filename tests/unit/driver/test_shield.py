"""`run.shield`: what was begun is done to its end, and a cancel comes after it."""

import pytest

from raincheck import Canceled, OutcomeError, Run, StepFailed
from tests.unit.driver.scripted import Scripted, work


async def saga(run: Run):
    """Book three; release in turn what was booked, if it doesn't come to its end."""
    booked = []

    async def book(number):
        booked.append(await run.step(work, number))

    try:
        for number in (1, 2, 3):
            await run.shield(book(number))
    except (Canceled, OutcomeError):
        for number in reversed(booked):
            await run.step(work, -number)
        raise
    return booked


def test_nothing_changes_where_nobody_cancels():
    """The value comes through."""
    flow = Scripted(saga)
    for number in (1, 2, 3):
        flow.end(f"work {number}")

    assert flow.driver.result == ([1, 2, 3], None)


@pytest.mark.parametrize("last", [1, 2, 3])
def test_a_cancel_in_the_middle_of_a_booking_releases_it_too(last):
    """The step isn't told to stop, and what it did is known when the clean-up begins."""
    flow = Scripted(saga)
    for number in range(1, last):
        flow.end(f"work {number}")
    flow.cancel()
    assert flow.under_way == [f"work {last}"]
    assert flow.abandoned == []
    flow.end(f"work {last}")
    for number in range(last, 0, -1):
        flow.end(f"work {-number}")

    assert isinstance(flow.driver.result[1], Canceled)


def test_a_failure_releases_what_was_booked():
    """The same clean-up for both."""
    flow = Scripted(saga)
    flow.end("work 1")
    flow.fail("work 2")
    flow.end("work -1")

    assert isinstance(flow.driver.result[1], StepFailed)


def test_an_operation_can_be_awaited_again_for_its_result():
    """The other way to write it."""

    async def body(run: Run):
        booking = run.step(work, 7)
        try:
            await run.shield(booking)
        except Canceled:
            await run.step(work, -await booking)
            raise

    flow = Scripted(body)
    flow.cancel()
    flow.end("work 7")
    flow.end("work -7")

    assert isinstance(flow.driver.result[1], Canceled)


def test_a_failure_under_a_cancel_is_left_to_the_clean_up():
    """The run is cancelled, whatever became of the booking."""
    flow = Scripted(saga)
    flow.end("work 1")
    flow.cancel()
    flow.fail("work 2")
    flow.end("work -1")

    assert isinstance(flow.driver.result[1], Canceled)


def test_a_race_waits_for_what_is_shielded():
    """Given up, it is still done to its end."""

    async def body(run: Run):
        await run.first(run.shield(run.step(work, 1)), run.step(work, 2))
        return "went on"

    flow = Scripted(body)
    flow.end("work 2")
    assert flow.under_way == ["work 1"]
    flow.end("work 1")

    assert flow.driver.result == ("went on", None)
    assert flow.abandoned == []


def test_the_grace_period_ends_it():
    """Nothing holds a cancelled run for ever."""
    flow = Scripted(saga)
    flow.cancel()
    flow.driver.abandon_all()

    assert flow.abandoned == ["work 1"]
