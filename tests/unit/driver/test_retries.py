"""How the driver tries a step again: by durable timers, with the next attempt, under the same key."""

from datetime import timedelta

import pytest

from raincheck import RetriesExhausted, Retry, Run, StepFailed, StepTimedOut, step
from raincheck.payloads import StepReport
from tests.unit.driver.scripted import Scripted, failed, work


@step(retry=Retry(attempts=1))
async def once(number: int) -> int:
    """A step that is never tried again."""
    raise AssertionError(number)


@step(retry=Retry(attempts=4, first_delay=timedelta(seconds=10), backoff=3, max_delay=timedelta(seconds=60)))
async def patient(number: int) -> int:
    """A step with its own idea of waiting."""
    raise AssertionError(number)


def of(which, number=1):
    """Make a flow of a single step."""

    async def body(run: Run):
        return await run.step(which, number)

    return Scripted(body)


def wait(flow):
    """The seconds of the one timer under way, less the one that it may fire too soon."""
    (label,) = flow.under_way
    assert label.startswith("timer ")
    return float(label.removeprefix("timer ")) - 1


def calls(flow):
    return [task.call for task in flow.executor.tasks if task.call is not None]


def test_a_transient_error_is_tried_again_after_a_durable_timer():
    """The worker isn't kept busy while the run waits."""
    flow = of(work)
    flow.end("work 1", report=failed("busy", "transient"))
    assert 2 <= wait(flow) <= 2 * 1.25
    flow.end(*flow.under_way)
    flow.end("work 1")

    assert flow.driver.result == (1, None)


def test_the_wait_grows_up_to_its_limit():
    """Backoff as the step declared it."""
    flow = of(patient)
    waits = []
    for _ in range(3):
        flow.end("patient 1", report=failed("busy", "transient"))
        waits.append(wait(flow))
        flow.end(*flow.under_way)

    assert all(least <= took <= least * 1.25 for least, took in zip((10, 30, 60), waits, strict=True))


@pytest.mark.parametrize(("asked", "waits"), [(30, 30), (1, 2), (10**9, 3600), (0, 2)])
def test_retry_after_is_honoured_within_bounds(asked, waits):
    """A service that says when to come back is listened to, but not for ever."""
    flow = of(work)
    flow.end("work 1", report=failed("busy", "transient", retry_after=asked))

    assert waits <= wait(flow) <= waits * 1.25


def test_what_failed_together_does_not_come_again_together():
    """A service that fell over under a fan-out is not hit by all of it at once; a replay waits as long."""

    async def body(run: Run):
        await run.gather(run.step(work, n) for n in range(50))

    def timers():
        flow = Scripted(body)
        flow.end(*(f"work {n}" for n in range(50)), report=failed("busy", "transient"))
        return flow.under_way

    assert len(set(timers())) > 40
    assert timers() == timers()


@pytest.mark.parametrize("early", [0, 0.5, 1])
def test_a_retry_is_never_early(early):
    """A durable timer fires up to a second too soon, and a server that said 3 seconds means 3 seconds."""
    flow = of(work)
    flow.end("work 1", report=failed("busy", "transient", retry_after=3))
    (timer,) = [task for task in flow.executor.tasks if task.at is not None]
    begun = flow.executor.now
    timer.at -= timedelta(seconds=early)
    flow.end(timer.label)

    assert flow.executor.now - begun >= timedelta(seconds=3)
    assert flow.under_way == ["work 1"], "one timer, as in the histories of runs under way"


def test_attempts_are_counted_and_the_last_is_marked():
    """A step may act differently on its last attempt; its log says whether there is another."""
    flow = of(work)
    for _ in range(2):
        flow.end("work 1", report=failed("busy", "transient"))
        flow.end(flow.under_way[0])

    assert [(call.attempt, call.last) for call in calls(flow)] == [(1, False), (2, False), (3, True)]


def test_the_idempotency_key_is_the_same_for_all_attempts():
    """A receiver recognises the second attempt as the first one's."""
    flow = of(work)
    flow.end("work 1", report=failed("busy", "transient"))
    flow.end(*flow.under_way)

    assert len({call.key for call in calls(flow)}) == 1


def test_each_call_has_a_key_of_its_own():
    """Two orders of the same thing are two orders."""

    async def body(run: Run):
        await run.gather(run.step(work, 1), run.step(work, 1), run.step(once, 1))

    keys = [call.key for call in calls(Scripted(body))]

    assert len(set(keys)) == 3
    assert all(key.startswith(Scripted(body).run.id) for key in keys)


def test_a_permanent_error_is_not_tried_again():
    """The step said that it won't help; code and message reach the flow."""
    flow = of(work)
    flow.fail("work 1")
    error = flow.driver.result[1]

    assert isinstance(error, StepFailed)
    assert (error.code, error.message) == ("broken", "work 1")


def test_used_up_attempts_are_an_error_of_their_own():
    """The flow can tell 'gave up' from 'no use', and the last message is in it."""
    flow = of(work)
    for _ in range(3):
        flow.end("work 1", report=failed("busy", "transient"))
        for timer in flow.under_way:
            flow.end(timer)
    error = flow.driver.result[1]

    assert isinstance(error, RetriesExhausted)
    assert error.code == "retries_exhausted"
    assert "busy" in error.message
    assert "3" in error.message


def test_a_step_of_one_attempt_simply_failed():
    """Nothing was retried, so nothing is exhausted."""
    flow = of(once)
    flow.end("once 1", report=failed("busy", "transient"))
    error = flow.driver.result[1]

    assert type(error) is StepFailed
    assert error.code == "broken"


def test_a_last_attempt_that_timed_out_says_so():
    """A caller learns that time ran out, not just that it failed."""
    flow = of(once)
    flow.end("once 1", report=failed("too slow", "timed_out"))

    assert isinstance(flow.driver.result[1], StepTimedOut)


def test_a_timed_out_attempt_is_tried_again():
    """One slow answer is no reason to give up."""
    flow = of(work)
    flow.end("work 1", report=failed("too slow", "timed_out"))

    assert wait(flow) >= 2


def test_an_activity_that_died_without_a_report_is_tried_again():
    """A lost worker or a lost result is transient, and its attempt may have written to the log."""
    flow = of(work)
    task = flow.task("work 1")
    task.failed = True
    flow.end("work 1", report=StepReport(kind="done"))

    assert wait(flow) >= 2
    assert flow.state.logged


@pytest.mark.parametrize("value", [None, 5, "text", {"kind": "odd"}, [], {"kind": "done", "more": 1}])
def test_something_else_than_a_report_fails_the_step(value):
    """A function of the same name that isn't ours must not crash the driver."""
    flow = of(work)
    task = flow.task("work 1")
    task.value, task.ended = value, True
    flow.driver.advance()

    assert isinstance(flow.driver.result[1], StepFailed)


def test_a_result_that_is_not_of_the_type_fails_the_flow_not_the_driver():
    """After a deployment that changed the type, an old result must end the run, not crash it."""
    flow = of(work)
    flow.end("work 1", report=StepReport(kind="done", result_json='"text"'))

    assert flow.driver.ended
    assert flow.driver.result[1] is not None


def test_the_run_is_logged_once_a_step_emitted():
    """A terminal line is owed to the log from then on, also if that attempt failed."""
    flow = of(work)
    flow.end("work 1", report=failed("busy", "transient").model_copy(update={"emitted": True}))

    assert flow.state.logged


def test_a_retry_is_refused_where_it_makes_no_sense():
    """Nonsense is found where it is written, not when a step first fails."""
    for wrong in ({"attempts": 0}, {"backoff": 0.5}, {"first_delay": timedelta(seconds=-1)}):
        with pytest.raises(ValueError, match="Retry\\("):
            Retry(**wrong)
    for name in ("first_delay", "max_delay"):
        with pytest.raises(TypeError, match=rf"e.g. Retry\({name}=timedelta\(seconds=30\)"):
            Retry(**{name: 30})
    with pytest.raises(TypeError, match="attempts"):
        Retry(attempts="5")  # type: ignore[arg-type]  # what it is about
