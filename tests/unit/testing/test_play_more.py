"""`play` with sub-flows, cancels and time-outs."""

from datetime import timedelta

import pytest

from raincheck import (
    Canceled,
    FlowCanceled,
    FlowFailed,
    OutcomeError,
    PermanentError,
    Retry,
    Run,
    StepTimedOut,
    flow,
    step,
)
from raincheck.outcomes import RunStatus
from raincheck.testing import TIMES_OUT, play


@step
async def book(leg: str) -> str:
    return f"booking of {leg}"


@step
async def release(booking: str) -> None:
    assert booking


@step(retry=Retry(attempts=2), time_limit=timedelta(minutes=7))
async def slow(leg: str) -> str:
    raise AssertionError(leg)


@flow
async def leg(run: Run, name: str) -> str:
    booking = await run.step(book, name)
    try:
        await run.sleep(timedelta(hours=1))
    except Canceled:
        await run.step(release, booking)
        raise
    return booking


@flow
async def trip(run: Run, names: list[str]) -> list[str]:
    return await run.gather(run.flow(leg, name) for name in names)


@flow
async def shielded(run: Run, names: list[str]) -> list[str]:
    """The pattern of docs/writing-flows.md."""
    bookings: list[str] = []

    async def one(name: str) -> None:
        bookings.append(await run.step(book, name))

    try:
        for name in names:
            await run.shield(one(name))
    except (Canceled, OutcomeError):
        for booking in reversed(bookings):
            await run.step(release, booking)
        raise
    return bookings


def test_sub_flows_are_played():
    """With their own steps, in the same time."""
    played = play(trip, ["a", "b"])

    assert played.result == ["booking of a", "booking of b"]
    assert played.steps == ["book", "book"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (FlowFailed("no seats", code="no_seats"), "no_seats"),
        (FlowCanceled("by hand"), "flow_canceled"),
        (PermanentError("boom"), "flow_error"),
    ],
)
def test_a_sub_flow_can_be_replaced_by_how_it_ends(given, code):
    """To see what the flow makes of it."""
    assert play(trip, ["a"], flows={leg: given}).outcome.error.code == code


def test_a_sub_flow_can_be_replaced_by_a_result():
    """Or a function of its input, async or not."""

    async def later(name: str) -> str:
        return name * 2

    assert play(trip, ["a"], flows={leg: "given"}).result == ["given"]
    assert play(trip, ["a", "b"], flows={leg: lambda name: name.upper()}).result == ["A", "B"]
    assert play(trip, ["a"], flows={leg: later}).result == ["aa"]


def test_a_result_that_is_none_of_the_flows_fails_the_test():
    """The test is wrong, not the flow."""
    with pytest.raises(AssertionError, match="gives for 'leg'"):
        play(trip, ["a"], flows={leg: 5})


def test_a_cancel_reaches_sub_flows():
    """Their clean-up is done, as in the cloud."""
    played = play(trip, ["a", "b"], cancel_after=timedelta(minutes=30))

    assert played.outcome.status == RunStatus.CANCELED
    assert played.steps == ["book", "book", "release", "release"]


def test_a_sub_flow_that_lost_its_race_cleans_up():
    """What is given up is cancelled, though the run goes on."""

    @flow
    async def racing(run: Run, name: str) -> int:
        winner = await run.first(run.flow(leg, name), run.sleep(60))
        return winner.which

    played = play(racing, "a")

    assert played.result == 1
    assert played.steps == ["book", "release"]


@pytest.mark.parametrize(("cancel_after", "released"), [(book, 1), (1, 1), (2, 2)])
def test_a_cancel_in_the_middle_of_a_booking_releases_it(cancel_after, released):
    """What was booked in that moment is released too, and its step isn't told to stop."""
    played = play(shielded, ["a", "b", "c"], cancel_after=cancel_after)

    assert played.outcome.status == RunStatus.CANCELED
    assert played.steps.count("release") == released == played.steps.count("book")
    assert played.stopped == []


def test_a_cancel_during_a_step_that_never_runs_fails_the_test():
    """A test that cancels nothing would tell nothing."""
    with pytest.raises(AssertionError, match="'slow' was never under way"):
        play(shielded, ["a"], cancel_after=slow)


def test_a_step_can_time_out():
    """Each attempt takes its time limit, and the flow sees StepTimedOut."""

    @flow
    async def waiting(run: Run, name: str) -> float:
        begun = run.now
        try:
            await run.step(slow, name)
        except StepTimedOut:
            return (run.now - begun).total_seconds()
        return 0.0

    assert play(waiting, "a", steps={slow: TIMES_OUT}).result >= 2 * 7 * 60


def test_what_is_replaced_is_a_step_of_the_flow():
    """A name, or another step of the same name, would be replaced without effect."""
    other = step(name="book")(release.function)

    with pytest.raises(TypeError, match="steps= takes what @step made, not 'book'"):
        play(shielded, ["a"], steps={"book": PermanentError("no")})  # type: ignore[dict-item]  # what it is about
    with pytest.raises(AssertionError, match="replaces another 'book'"):
        play(shielded, ["a"], steps={other: PermanentError("no")})
    with pytest.raises(TypeError, match="flows= takes what @flow made"):
        play(trip, ["a"], flows={book: 1})  # type: ignore[dict-item]  # what it is about
