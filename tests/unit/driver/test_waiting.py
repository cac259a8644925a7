"""Sleep, sub-flows, tasks of Durable's own, and flows that wait for nothing."""

from datetime import timedelta

import pytest

from raincheck import FlowCanceled, FlowFailed, Run, StepFailed
from raincheck.errors import FlowBug
from raincheck.outcomes import Outcome
from tests.unit.driver.scripted import EPOCH, Scripted, work
from tests.unit.driver.subflows import inner


def test_a_sleep_of_thirty_days_is_timers_of_less_than_three():
    """Longer timers can't be cancelled in the SDK, and the instance would stay open."""

    async def body(run: Run):
        await run.sleep(timedelta(days=30))

    flow = Scripted(body)
    while not flow.driver.ended:
        flow.end(flow.under_way[0])
    timers = flow.executor.tasks

    assert len(timers) > 10
    assert flow.executor.now - EPOCH >= timedelta(days=30)
    assert flow.executor.now - EPOCH < timedelta(days=30, seconds=5)
    assert max(float(timer.label.split()[1]) for timer in timers) < 3 * 86_400


def test_a_timer_that_fires_early_is_waited_for_again():
    """Durable timers may fire up to a second early; a sleep never ends before its time."""

    async def body(run: Run):
        await run.sleep(10)

    flow = Scripted(body)
    timer = flow.executor.tasks[0]
    timer.ended = True
    flow.pass_time(9.2)
    flow.driver.advance()

    assert not flow.driver.ended


@pytest.mark.parametrize("duration", [0, -5, timedelta(0)])
def test_no_time_is_no_timer(duration):
    """Nothing is scheduled for a sleep that is over already."""

    async def body(run: Run):
        await run.sleep(duration)
        return "done"

    flow = Scripted(body)

    assert flow.driver.result == ("done", None)
    assert flow.executor.tasks == []


def test_the_clock_of_the_run_moves_with_its_tasks():
    """`run.now` is the run's own time: what was recorded, not what it is now."""

    async def body(run: Run):
        before = run.now
        await run.sleep(60)
        return run.now - before

    flow = Scripted(body)
    flow.end("timer 61")

    assert flow.driver.result[0] == timedelta(seconds=61)


def test_the_result_of_a_sub_flow_is_typed():
    """A sub-flow's outcome comes back as its value."""

    async def body(run: Run):
        return await run.flow(inner, 1)

    flow = Scripted(body)
    flow.end_flow("flow 1", Outcome.succeeded(5))

    assert flow.driver.result == (5, None)


def test_a_failed_sub_flow_raises_its_code_and_message():
    """The parent can decide by the code."""

    async def body(run: Run):
        await run.flow(inner, 1)

    flow = Scripted(body)
    flow.end_flow("flow 1", Outcome.failed("no_stock", "None left."))
    error = flow.driver.result[1]

    assert isinstance(error, FlowFailed)
    assert (error.code, error.message) == ("no_stock", "None left.")


def test_a_canceled_sub_flow_raises_an_error_not_a_cancel():
    """The parent wasn't cancelled: it may go on."""

    async def body(run: Run):
        try:
            await run.flow(inner, 1)
        except FlowCanceled:
            return "went on"

    flow = Scripted(body)
    flow.end_flow("flow 1", Outcome.canceled())

    assert flow.driver.result == ("went on", None)


def test_a_sub_flow_ended_from_outside_is_a_failure():
    """Somebody terminated it by Durable's own means."""

    async def body(run: Run):
        await run.flow(inner, 1)

    flow = Scripted(body)
    flow.task("flow 1").failed = True
    flow.end("flow 1", value="terminated")

    assert flow.driver.result[1].code == "flow_lost"


def test_ids_of_sub_flows_have_no_gaps():
    """The terminator walks them by number and stops at the first that isn't there."""

    async def bad():
        raise ValueError("at once")

    async def body(run: Run):
        try:
            await run.gather(run.flow(inner, 1), bad())
        except ValueError:
            await run.gather(run.flow(inner, 2), run.flow(inner, 3))

    assert Scripted(body).under_way == ["flow 1", "flow 2"]


def test_a_durable_task_gives_its_value():
    """What Durable's own API made can be awaited."""

    async def body(run: Run):
        return await run.durable("task")

    flow = Scripted(body)
    flow.end("raw task", value=9)

    assert flow.driver.result == (9, None)


def test_a_durable_task_that_failed_raises_without_its_text():
    """An activity's exception text may hold anything: it is for logs."""

    async def body(run: Run):
        await run.durable("task")

    flow = Scripted(body)
    flow.task("raw task").failed = True
    flow.end("raw task", value="secret")
    error = flow.driver.result[1]

    assert isinstance(error, StepFailed)
    assert "secret" not in error.message


def test_two_that_wait_for_each_other_are_a_bug_not_a_hang():
    """A flow that can never go on ends with an outcome instead of staying Running for ever."""

    async def body(run: Run):
        made = []

        async def wait_for(number):
            await made[number]

        made.append(run.gather(wait_for(1)))
        made.append(run.gather(wait_for(0)))
        await made[0]

    flow = Scripted(body)
    error = flow.driver.result[1]

    assert isinstance(error, FlowBug)
    assert error.code == "stuck"


def test_a_flow_that_awaits_nothing_ends_at_once():
    """A flow may be pure."""

    async def body(run: Run):
        return 5

    assert Scripted(body).driver.result == (5, None)


def test_a_forgotten_await_is_warned_of_by_name():
    """The most common slip with async code: the step silently never happens."""

    async def body(run: Run):
        run.step(work, 1)
        await run.step(work, 2)

    flow = Scripted(body)
    flow.end("work 2")
    flow.driver.warn_of_unawaited()

    assert any("step work" in line and "await" in line for line in flow.executor.logs)


def test_what_was_awaited_is_not_warned_of():
    """No false alarms."""

    async def body(run: Run):
        await run.gather(run.step(work, n) for n in range(3))

    flow = Scripted(body)
    flow.driver.warn_of_unawaited()

    assert flow.executor.logs == []


def test_an_operation_awaited_outside_its_flow_is_refused():
    """E.g. in a step that was handed the run: it has no place in the flow's history."""

    async def body(run: Run):
        await run.step(work, 1)

    flow = Scripted(body)
    operation = flow.run.sleep(5)

    with pytest.raises(FlowBug, match="outside its flow"):
        operation.__await__().send(None)
