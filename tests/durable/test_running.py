"""`run_flow` on the genuine SDK: sequences, fan-outs, retries, failures."""

import pytest

from raincheck import Run, StepFailed, flow
from tests.durable.driven import Driven, work


@flow
async def sequence(run: Run, count: int) -> list[int]:
    return [await run.step(work, n) for n in range(count)]


@flow
async def fan_out(run: Run, count: int) -> int:
    return sum(await run.gather((run.step(work, n) for n in range(count)), limit=1_000))


@flow
async def raising(run: Run, number: int) -> int:
    await run.step(work, number)
    raise KeyError("secret")


@flow
async def with_progress(run: Run, count: int) -> int:
    for n in range(count):
        run.progress(100 * n / count, "x" * 100_000)
        await run.step(work, n)
    return count


def test_steps_one_after_another():
    """The simplest flow: one activity at a time, the output an outcome."""
    run = Driven(sequence, 3)
    for n in range(3):
        assert run.labels == [f"work {n}"]
        run.do(f"work {n}")

    assert run.completed
    assert run.output["status"] == "Succeeded"
    assert run.output["result"] == [0, 1, 2]


def test_a_run_that_owes_nothing_calls_nothing_of_ours():
    """What a run costs is a design figure: no activity beside its steps."""
    run = Driven(sequence, 2)
    run.do("work 0")
    run.do("work 1")

    assert run.all_labels == ["work 0", "work 1"]


def test_a_flow_without_steps_ends_in_one_episode():
    """Nothing is scheduled where nothing is to be done."""
    run = Driven(sequence, 0)

    assert run.completed
    assert run.output["result"] == []


@pytest.mark.parametrize("together", [True, False])
def test_a_fan_out_is_scheduled_at_once(together):
    """All in one episode, whether they end one by one or together."""
    run = Driven(fan_out, 20)
    assert len(run.labels) == 20
    if together:
        run.do(*reversed(run.labels))
    else:
        for label in run.labels:
            run.do(label)

    assert run.completed
    assert run.output["result"] == sum(range(20))


def test_a_fan_out_over_a_thousand():
    """Ends come in batches, as the extension brings them."""
    run = Driven(fan_out, 1_000)
    while not run.done:
        run.do(*run.labels[:250])

    assert run.output["result"] == sum(range(1_000))


def test_a_retry_waits_by_a_durable_timer():
    """The attempt is in the call, the key is the same, and no worker waits."""
    run = Driven(sequence, 1)
    run.break_("work 0", kind="transient", retry_after=40.0)
    timer = run.find("timer")
    assert 40 <= (timer.fire_at - run.now).total_seconds() <= 40 * 1.25 + 1
    run.fire()
    run.do("work 0")
    first, second = (task.input for task in run.scheduled if task.label == "work 0")

    assert run.output["status"] == "Succeeded"
    assert (first["attempt"], second["attempt"]) == (1, 2)
    assert first["key"] == second["key"]


def test_a_permanent_failure_is_the_outcome():
    """Code and message of the step reach the caller; the orchestration itself is Completed."""
    run = Driven(sequence, 1)
    run.break_("work 0")

    assert run.completed
    assert run.output["status"] == "Failed"
    assert run.output["error"] == {"code": "broken", "message": "work 0"}


def test_a_flow_that_raises_is_an_outcome_without_its_text():
    """It never raises: the host's sanitizer would break the history."""
    run = Driven(raising, 1)
    run.do("work 1")

    assert run.completed
    assert run.output["error"]["code"] == "flow_error"
    assert "secret" not in str(run.output)


def test_an_activity_that_raises_is_tried_again():
    """Its worker died, or its result was lost: not the flow's fault."""
    run = Driven(sequence, 1)
    run.fail("work 0")

    assert run.labels == ["timer"]


def test_the_custom_status_is_there_in_every_episode_and_stays_small():
    """The extension forgets it otherwise, and fails the orchestration beyond 16 KB."""
    run = Driven(with_progress, 3)
    for n in range(3):
        run.do(f"work {n}")

    assert all(status is not None for status in run.statuses)
    assert [status["progress"]["percent"] for status in run.statuses[:3]] == [
        0.0,
        pytest.approx(33.3, abs=0.1),
        pytest.approx(66.7, abs=0.1),
    ]


@flow
async def catching(run: Run, number: int) -> int:
    try:
        await run.gather(run.step(work, n) for n in range(3))
    except StepFailed:
        return await run.step(work, number)
    return 0


def test_a_failed_gather_tells_exactly_its_open_steps_to_stop():
    """Steps that come later are not meant."""
    run = Driven(catching, 9)
    run.do("work 0")
    run.break_("work 2")
    assert run.labels == ["work 1", "work 9", "stop_steps"]
    assert run.find("stop_steps").input["steps"] == [2]
    run.end("stop_steps")
    run.do("work 9")
    assert not run.done
    run.report("work 1", kind="stopped")

    assert run.output["result"] == 9
    assert run.completed


def test_a_timer_that_fires_early_does_not_end_a_sleep():
    """Durable's timers may come a second too soon."""

    @flow
    async def sleeping(run: Run, seconds: int) -> float:
        before = run.now
        await run.sleep(seconds)
        return (run.now - before).total_seconds()

    run = Driven(sleeping, 10)
    while not run.done:
        run.fire(early=1.0)

    assert run.output["result"] >= 10
