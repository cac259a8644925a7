"""`raincheck.testing.play`: a flow's own unit test is three lines and needs no host."""

import asyncio
import time
from datetime import timedelta

import pytest

from raincheck import PermanentError, Retry, Run, StepFailed, TransientError, Work, flow, step
from raincheck.outcomes import RunStatus
from raincheck.testing import aplay, play


@step
async def double(value: int) -> int:
    return 2 * value


@step(retry=Retry(attempts=3, first_delay=timedelta(minutes=5)))
def fragile(value: int) -> int:
    raise OSError(value)


@step
async def telling(value: int, work: Work) -> str:
    await work.text(f"{value} ")
    return work.idempotency_key


@step
async def endless(value: int) -> int:
    await asyncio.Event().wait()
    return value


@flow
async def doubling(run: Run, count: int) -> list[int]:
    return await run.gather(run.step(double, n) for n in range(count))


@flow
async def failing(run: Run, value: int) -> int:
    return await run.step(fragile, value)


@flow
async def talking(run: Run, count: int) -> list[str]:
    run.log("begins")
    return [await run.step(telling, n) for n in range(count)]


@flow
async def racing(run: Run, seconds: int) -> int:
    which, _ = await run.first(run.step(endless, 1), run.sleep(seconds))
    return which


def test_steps_are_really_called():
    """A test of a flow tests its steps too, unless it says otherwise."""
    played = play(doubling, 3)

    assert played.result == [0, 2, 4]
    assert played.steps == ["double"] * 3


async def test_in_an_async_test_there_is_aplay():
    """A loop can't be run inside a loop."""
    assert (await aplay(doubling, 2)).result == [0, 2]


@pytest.mark.parametrize("count", [0, 1, 200])
def test_a_wide_flow_is_played(count):
    """As wide as in the cloud."""
    assert play(doubling, count).result == [2 * n for n in range(count)]


def test_a_step_can_be_replaced_by_a_function():
    """Sync or async."""

    async def treble(value: int) -> int:
        return 3 * value

    assert play(doubling, 2, steps={double: treble}).result == [0, 3]
    assert play(doubling, 2, steps={double: lambda value: value + 1}).result == [1, 2]


def test_a_step_can_be_replaced_by_an_error():
    """To see what the flow makes of it."""
    played = play(doubling, 2, steps={double: PermanentError("no", code="no_way")})

    assert played.outcome.status == RunStatus.FAILED
    assert played.outcome.error.code == "no_way"


def test_retries_cost_no_time():
    """Twenty minutes of backoff pass at once."""
    before = time.monotonic()
    played = play(failing, 1)

    assert played.steps == ["fragile"] * 3
    assert played.outcome.error.code == "retries_exhausted"
    assert time.monotonic() - before < 5


def test_a_replacement_may_fail_now_and_then():
    """As services do."""
    answers = iter([TransientError("busy"), 7])

    def moody(value: int) -> int:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert play(failing, 1, steps={fragile: moody}).result == 7


def test_what_steps_tell_is_kept():
    """Streams can be tested without a log."""
    played = play(talking, 3)

    assert "".join(played.texts) == "0 1 2 "
    assert played.logs == ["begins"]
    assert len(set(played.result)) == 3


def test_time_passes_when_nothing_else_can():
    """A step that never ends loses against a timer."""

    @flow
    async def sleeping(run: Run, days: int) -> float:
        begun = run.now
        await run.sleep(timedelta(days=days))
        return (run.now - begun).total_seconds()

    assert play(sleeping, 30).result >= 30 * 86_400


def test_cancel_after_some_steps():
    """To see a flow's clean-up."""

    @flow
    async def careful(run: Run, value: int) -> int:
        try:
            await run.gather(run.step(double, 1), run.step(endless, 2))
        finally:
            await run.step(telling, value)
        return value

    played = play(careful, 5, cancel_after=1)

    assert played.outcome.status == RunStatus.CANCELED
    assert played.steps == ["double", "endless", "telling"]
    assert played.stopped == ["endless"]


def test_a_losing_step_is_seen_as_stopped():
    """A flow's test can tell what would be told to stop."""
    played = play(racing, 60, steps={endless: lambda value: value})

    assert played.result == 0
    assert played.stopped == []


def test_a_failed_flow_fails_the_test_with_its_reason():
    """`played.result` of a flow that failed says why."""
    with pytest.raises(AssertionError, match="retries_exhausted"):
        _ = play(failing, 1).result


def test_a_step_result_of_the_wrong_type_is_found():
    """A replacement that lies about its type would hide a bug."""
    assert play(doubling, 1, steps={double: lambda value: "text"}).outcome.status == RunStatus.FAILED


def test_a_flow_may_catch_what_a_step_raises():
    """As it would in the cloud."""

    @flow
    async def catching(run: Run, value: int) -> str:
        try:
            await run.step(double, value)
        except StepFailed as error:
            return error.message
        return ""

    assert play(catching, 1, steps={double: PermanentError("sold out")}).result == "sold out"


def test_ids_and_times_are_the_same_in_every_test():
    """A test that passes once passes always."""

    @flow
    async def noting(run: Run, value: int) -> list[str]:
        return [run.uuid(), run.uuid(), run.now.isoformat(), run.id]

    assert play(noting, 1).result == play(noting, 1).result
    assert len(set(play(noting, 1).result)) == 4
