"""Cancel: the event, clean-up, the grace period, and what is told to stop."""

import pytest

from raincheck import Canceled, Run, flow
from tests.durable.driven import Driven, work


@flow
async def one_step(run: Run, number: int) -> int:
    return await run.step(work, number)


@flow
async def careful(run: Run, number: int) -> int:
    try:
        return await run.step(work, number)
    finally:
        await run.step(work, number + 100)


@flow
async def race(run: Run, number: int) -> int:
    won = await run.first(run.step(work, number), run.step(work, number + 1), run.step(work, number + 2))
    return won.value


@flow
async def stubborn(run: Run, number: int) -> int:
    while True:
        try:
            number = await run.step(work, number + 1)
        except Canceled:
            continue


def stop(run: Driven) -> list[list[int]]:
    """Give the steps that each `stop_steps` named."""
    return [task.input["steps"] for task in run.scheduled if task.label == "stop_steps"]


@pytest.mark.parametrize("twice", [True, False])
@pytest.mark.parametrize("value", [None, {"requested_at": "2030-01-01T00:00:00Z"}, "why", 1, []])
def test_a_waiting_step_is_told_to_stop(value, twice):
    """Whoever raises the event, and however it is encoded."""
    run = Driven(one_step, 1)
    run.raise_event("cancel", value, twice=twice)
    assert run.labels == ["work 1", "stop_steps", "timer"]
    run.end("stop_steps")
    run.report("work 1", kind="stopped")
    run.end("complete_run", result={"done": True})

    assert run.completed
    assert run.output["status"] == "Canceled"
    assert stop(run) == [[1]]


def test_clean_up_runs_and_is_not_told_to_stop():
    """The marker names what was left in flight, not what cleans up."""
    run = Driven(careful, 1)
    run.raise_event("cancel", None)
    assert run.labels == ["work 1", "work 101", "stop_steps", "timer"]
    run.end("stop_steps")
    run.report("work 1", kind="stopped")
    run.do("work 101")
    run.end("complete_run")

    assert run.completed
    assert stop(run) == [[1]]


def test_a_step_that_ignores_it_is_waited_for_no_longer_than_the_grace_period():
    """The run ends for its caller; a terminator ends the instance."""
    run = Driven(one_step, 1, grace=20)
    run.raise_event("cancel", None)
    run.end("stop_steps")
    timer = run.find("timer")
    assert (timer.fire_at - run.now).total_seconds() == pytest.approx(20, abs=1)
    run.fire()
    completion = run.find("complete_run").input
    run.end("complete_run")

    assert completion["open_steps"]
    assert run.done
    assert not run.completed
    assert run.labels == ["work 1"]
    assert run.output["status"] == "Canceled"


def test_clean_up_that_outlives_the_grace_period_is_told_to_stop_too():
    """Nothing is left that doesn't know."""
    run = Driven(careful, 1, grace=5)
    run.raise_event("cancel", None)
    run.end("stop_steps")
    run.report("work 1", kind="stopped")
    run.fire()

    assert "stop_steps" in run.labels
    assert stop(run) == [[1], [2]]
    assert run.find("complete_run").input["open_steps"]


def test_a_flow_that_suppresses_it_ends_with_the_grace_period():
    """A flow can't outlive its cancel."""
    run = Driven(stubborn, 0, grace=5)
    run.raise_event("cancel", None)
    assert "work 1" in run.labels
    run.fire()
    run.end("complete_run")

    assert run.done
    assert run.output["status"] == "Canceled"


def test_a_flow_that_finishes_in_spite_of_it_is_canceled():
    """A caller that was told 'canceled' must not find a result later."""

    @flow
    async def finishing(run: Run, number: int) -> int:
        try:
            return await run.step(work, number)
        except Canceled:
            return 5

    run = Driven(finishing, 1)
    run.raise_event("cancel", None)
    run.report("work 1", kind="stopped")
    run.end("stop_steps")
    run.end("complete_run")

    assert run.output["status"] == "Canceled"
    assert run.output["result"] is None


def test_a_cancel_that_came_before_the_run_began():
    """An event raised while Unfinished is in the first episode's history."""
    run = Driven(one_step, 1)
    first = Driven(one_step, 1, began_with=[run.raised("cancel", None)])
    first.end("stop_steps")
    first.report("work 1", kind="stopped")
    first.end("complete_run")

    assert first.output["status"] == "Canceled"


@pytest.mark.filterwarnings("ignore:Potential duplicate Task completion")  # the SDK's, of the second event
def test_a_second_cancel_changes_nothing():
    """Callers press the button twice."""
    run = Driven(careful, 1)
    run.raise_event("cancel", None)
    run.raise_event("cancel", None)
    run.end("stop_steps")
    run.report("work 1", kind="stopped")
    run.do("work 101")
    run.end("complete_run")

    assert run.completed
    assert stop(run) == [[1]]


def test_a_cancel_in_the_same_batch_as_the_last_result():
    """Whichever comes first in the history decides, and nothing hangs."""
    run = Driven(one_step, 1)
    run.episode(run.did("work 1"), run.raised("cancel", None))

    assert run.completed
    assert run.output["status"] == "Succeeded"


def test_a_cancel_right_before_the_last_result():
    """The other order: the run is cancelled, and there is nobody left to wait for."""
    run = Driven(one_step, 1)
    run.episode(run.raised("cancel", None), run.did("work 1"))
    run.end("stop_steps")
    run.end("complete_run")

    assert run.completed
    assert run.output["status"] == "Canceled"


def test_the_losers_of_a_race_are_told_and_awaited():
    """The orchestration can't complete before they have ended."""
    run = Driven(race, 1)
    run.do("work 2")
    assert stop(run) == [[1, 3]]
    run.end("stop_steps")
    run.report("work 1", kind="stopped")
    run.report("work 3", kind="stopped")

    assert run.completed
    assert run.output["result"] == 2
    assert "complete_run" not in run.all_labels


def test_a_loser_that_wrote_to_the_log_leaves_a_log_to_close():
    """Its events are in the log, and a log ends with the run's last line."""
    run = Driven(race, 1)
    run.do("work 2")
    run.end("stop_steps")
    run.report("work 1", kind="stopped", emitted=True)
    run.report("work 3", kind="stopped")

    assert run.find("complete_run").input["close_log"]


def test_a_loser_that_never_stops_is_left_to_the_terminator():
    """The caller has its result when the grace period is over."""
    run = Driven(race, 1)
    run.do("work 2")
    run.end("stop_steps")
    run.report("work 1", kind="stopped")
    run.fire()
    completion = run.find("complete_run").input
    run.end("complete_run")

    assert completion["open_steps"]
    assert completion["close_log"]  # it may still write
    assert run.output["status"] == "Succeeded"


def test_a_cancel_while_losers_are_awaited_keeps_the_result():
    """The flow has ended: what it gave stands, and the outcome row says so."""
    run = Driven(race, 1)
    run.do("work 2")
    run.raise_event("cancel", None)
    run.end("stop_steps")
    run.report("work 1", kind="stopped")
    run.report("work 3", kind="stopped")
    run.end("complete_run")

    assert run.completed
    assert run.output["result"] == 2


def test_stop_steps_that_fails_does_not_hold_the_run_up():
    """Markers are a courtesy; the grace period ends the wait in any case."""
    run = Driven(one_step, 1)
    run.raise_event("cancel", None)
    run.fail("stop_steps")
    run.report("work 1", kind="done", result_json="1")
    run.end("complete_run")

    assert run.completed


def test_timers_are_cancelled_at_the_end():
    """An open timer would keep the instance Running for days."""

    @flow
    async def waiting(run: Run, number: int) -> int:
        await run.gather(run.sleep(86_400), run.sleep(5 * 86_400), run.step(work, number))
        return number

    run = Driven(waiting, 1)
    run.break_("work 1")

    assert run.completed
    assert run.output["status"] == "Failed"


def test_a_cancel_with_nothing_in_flight_needs_no_grace():
    """No timer is made that nobody waits for."""

    @flow
    async def sleeping(run: Run, seconds: int) -> None:
        await run.sleep(seconds)

    run = Driven(sleeping, 3600)
    run.raise_event("cancel", None)
    run.end("complete_run")

    assert run.completed
    assert run.all_labels == ["timer", "complete_run"]
