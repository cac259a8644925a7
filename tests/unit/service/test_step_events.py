"""The events of an attempt: written only by steps that emit, and never lost without a word."""

import pytest

from raincheck import PermanentError, StepStopped, Work
from tests.unit.service.attempts import CALL, MemoryLog, attempt


async def doubled(value: int) -> int:
    return 2 * value


async def telling(value: int, work: Work) -> int:
    await work.text("a")
    await work.data({"b": value})
    await work.progress(50, "half")
    return value


async def test_a_step_that_emits_nothing_writes_nothing():
    """A run without events costs no blob."""
    log = MemoryLog()
    await attempt(doubled, log=log)

    assert log.events == []


async def test_events_go_to_the_log_and_the_end_is_written():
    """In order, with the step's name, and the report says that a terminal line is owed."""
    log = MemoryLog()
    report = await attempt(telling, log=log)

    assert report.emitted
    assert log.types == ["output.text.delta", "output.data", "step.progress", "step.completed"]
    assert log.events[0].fields["text"] == "a"
    assert log.events[1].fields["data"] == {"b": 3}
    assert {event.fields["step"] for event in log.events} == {"telling"}


async def test_the_log_is_that_of_the_root_flow():
    """A sub-flow's steps write to the log of the run that a caller follows."""
    log = MemoryLog()
    await attempt(telling, log=log)

    assert log.asked == {"run_id": "r", "flow": "f", "step": "telling", "step_key": "r/s/7", "attempt": 2}


@pytest.mark.parametrize(
    ("error", "last", "again"),
    [
        (OSError(), False, True),
        (OSError(), True, False),
        (PermanentError("no"), False, False),
        (StepStopped(), False, False),
    ],
)
async def test_a_failed_attempt_says_whether_there_is_another(error, last, again):
    """A follower knows whether to discard what it got."""
    log = MemoryLog()

    async def failing(value: int, work: Work) -> int:
        await work.text("a")
        raise error

    await attempt(failing, log=log, call=CALL.model_copy(update={"last": last}))

    assert log.types[-1] == "step.failed"
    assert log.events[-1].fields["will_retry"] is again


async def test_events_that_could_not_be_stored_fail_the_attempt():
    """A result whose events are lost would be a stream with a hole."""
    log = MemoryLog()
    log.away = True
    report = await attempt(telling, log=log)

    assert report.kind == "transient"
    assert report.emitted


@pytest.mark.parametrize("room", [0, 1, 3])
async def test_a_closed_log_stops_the_step(room):
    """The run has ended: at the first event, in the middle, or with the last line."""
    log = MemoryLog()
    log.full_after = room

    assert (await attempt(telling, log=log)).kind == "stopped"


@pytest.mark.parametrize("delta", [5, None, b"x"])
async def test_text_that_is_none_is_a_bug_of_the_step(delta):
    """It would break whoever joins the pieces."""

    async def odd(value: int, work: Work) -> int:
        await work.text(delta)
        return value

    assert (await attempt(odd)).error.code == "step_bug"


async def test_empty_text_is_no_event():
    """Models send empty deltas; followers needn't."""
    log = MemoryLog()

    async def empty(value: int, work: Work) -> int:
        await work.text("")
        return value

    await attempt(empty, log=log)

    assert log.events == []
