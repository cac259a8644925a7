"""One attempt of a step: whatever happens is a report, and events are written only by steps that emit."""

import asyncio
import threading
from datetime import timedelta

import pytest

from activities.running_step import attempt_step
from raincheck import PermanentError, StepStopped, TransientError, Work, step
from raincheck.errors import Canceled, LogClosed, StorageUnavailable
from raincheck.payloads import StepCall, opened, sealed

CALL = StepCall(run_id="r", root_flow="f", step=7, key="r/s/7", attempt=2, last=False, input_json="3")


class MemoryLog:
    """An event log with one writer. `full_after` closes it, `away` fails flushes."""

    def __init__(self) -> None:
        self.events: list = []
        self.asked: dict = {}
        self.full_after = 10**9
        self.away = False
        self.used = False

    def writer(self, run_id, **about):
        self.asked = {"run_id": run_id, **about}
        return self

    async def write(self, event):
        if len(self.events) >= self.full_after:
            raise LogClosed
        self.used = True
        self.events.append(event)

    async def flush(self):
        if self.away:
            raise StorageUnavailable("away")

    @property
    def types(self):
        return [event.type for event in self.events]


class Markers:
    """Stop markers: `wanted` looks go by before the step is marked."""

    def __init__(self, wanted: int = 10**9, *, failing: Exception | None = None) -> None:
        self.wanted, self.failing, self.looks = wanted, failing, 0

    async def stopped(self, run_id, step):
        assert (run_id, step) == ("r", 7)
        self.looks += 1
        if self.failing and self.looks == 1:
            raise self.failing
        return self.looks > self.wanted


async def attempt(function, *, log=None, markers=None, call=CALL, limit=timedelta(minutes=1)):
    """Try a step made of this function once."""
    made = step(time_limit=limit)(function)
    return await attempt_step(
        made, call, events=log or MemoryLog(), markers=markers or Markers(), look_every=0
    )


async def doubled(value: int) -> int:
    return 2 * value


async def waiting(value: int) -> int:
    await asyncio.Event().wait()
    return value


async def telling(value: int, work: Work) -> int:
    await work.text("a")
    await work.data({"b": value})
    await work.progress(50, "half")
    return value


def raising(error):
    async def failing(value: int) -> int:
        raise error

    return failing


async def test_a_result_is_a_report():
    """Sealed, so that the SDK doesn't look into it."""
    report = await attempt(doubled)

    assert (report.kind, report.result_json, report.emitted) == ("done", "6", False)


async def test_a_sync_step_runs_on_a_thread():
    """It must not block the worker's loop."""

    def blocking(value: int) -> bool:
        return threading.current_thread() is threading.main_thread()

    assert (await attempt(blocking)).result_json == "false"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (PermanentError("no"), "permanent"),
        (TransientError("busy", retry_after=5), "transient"),
        (TypeError("bug"), "permanent"),
        (OSError("net"), "transient"),
        (StepStopped(), "stopped"),
        (SystemExit(3), "transient"),
        (Canceled(), "transient"),
        (asyncio.CancelledError(), "transient"),
        (StopIteration(), "transient"),
        (RecursionError(), "transient"),
        (MemoryError(), "transient"),
        (ExceptionGroup("many", [OSError()]), "transient"),
    ],
    ids=lambda value: repr(value)[:30],
)
async def test_whatever_a_step_raises_is_a_report(error, kind):
    """Nothing a step does may end the worker, or hang it."""
    assert (await attempt(raising(error))).kind == kind


@pytest.mark.parametrize("error", [StopIteration(), SystemExit(3), KeyError("x")], ids=repr)
async def test_whatever_a_sync_step_raises_is_a_report(error):
    """On its thread, too: a StopIteration can't be raised into a future."""

    def failing(value: int) -> int:
        raise error

    assert (await attempt(failing)).kind == "transient"


async def test_a_time_limit_is_a_report():
    """The host would restart the whole worker."""
    report = await attempt(waiting, limit=timedelta(milliseconds=1))

    assert (report.kind, report.error.code) == ("timed_out", "step_timed_out")


async def test_a_timeout_of_the_steps_own_is_not_the_limit():
    """A slow service is another thing than a slow step."""
    report = await attempt(raising(TimeoutError()))

    assert report.kind == "transient"


async def test_a_marked_step_is_cancelled_and_its_handle_knows():
    """Within a look of the run no longer wanting it."""
    seen = []

    async def watching(value: int, work: Work) -> int:
        try:
            await asyncio.Event().wait()
        finally:
            seen.append(work.stopping)
        return value

    report = await attempt(watching, markers=Markers(2))

    assert report.kind == "stopped"
    assert seen == [True]


async def test_a_step_that_can_not_be_cancelled_may_ask():
    """E.g. in a loop between two pieces of work."""

    async def asking(value: int, work: Work) -> int:
        while True:
            try:
                await asyncio.sleep(0)
                work.raise_if_stopping()
            except asyncio.CancelledError:
                continue

    assert (await attempt(asking, markers=Markers(2))).kind == "stopped"


async def test_a_step_that_finishes_in_spite_of_its_marker_is_done():
    """What was done can't be undone by not telling."""

    async def finishing(value: int) -> int:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return 5
        return 0

    report = await attempt(finishing, markers=Markers(1))

    assert (report.kind, report.result_json) == ("done", "5")


@pytest.mark.parametrize("error", [StorageUnavailable("away"), RuntimeError("odd")], ids=repr)
async def test_a_look_that_fails_is_made_again(error):
    """A hiccup of storage must neither stop a step nor leave it unstoppable."""
    assert (await attempt(waiting, markers=Markers(1, failing=error))).kind == "stopped"


async def test_the_hosts_own_cancel_passes_through():
    """The worker is shutting down: the attempt didn't end, and will be made again."""
    trying = asyncio.ensure_future(attempt(waiting))
    for _ in range(5):
        await asyncio.sleep(0)
    trying.cancel()

    with pytest.raises(asyncio.CancelledError):
        await trying


async def test_nothing_is_left_running():
    """No task of ours outlives the attempt."""
    await attempt(doubled)
    await attempt(waiting, markers=Markers(1))
    await attempt(waiting, limit=timedelta(milliseconds=1))

    assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.mark.parametrize("text", ['"text"', "null", "{}", "not JSON", ""])
async def test_input_that_does_not_fit_is_permanent(text):
    """Trying again won't change it."""
    report = await attempt(doubled, call=CALL.model_copy(update={"input_json": text}))

    assert report.kind == "permanent"


@pytest.mark.parametrize("result", ["text", None, {"a": 1}, object(), float("nan"), 2.5], ids=repr)
async def test_a_result_that_is_not_of_the_type_is_permanent(result):
    """A bug of the step; doing its work again would only do its side effects again."""

    async def wrong(value: int) -> int:
        return result

    report = await attempt(wrong)

    assert (report.kind, report.error.code) == ("permanent", "result_invalid")


async def test_a_result_that_can_not_be_json_is_permanent():
    """As above, where the type allows anything."""

    async def wrong(value: int) -> object:
        return {"a": object()}

    async def half_a_character(value: int) -> object:
        return "\ud800"

    assert (await attempt(wrong)).kind == "permanent"
    assert (await attempt(half_a_character)).kind == "permanent"


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


async def test_the_handle_knows_who_it_is():
    """What a step passes on to the outside."""

    async def who(value: int, work: Work) -> list[str]:
        return [work.run_id, str(work.attempt), work.idempotency_key]

    assert opened((await attempt(who)).result_json) == ["r", "2", "r/s/7"]


async def test_class_markers_pass_through():
    """What a caller sends is data."""

    async def echo(value: object) -> object:
        return value

    marked = {"__class__": "Popen", "__module__": "subprocess", "__data__": "true"}
    report = await attempt(echo, call=CALL.model_copy(update={"input_json": sealed(marked)}))

    assert opened(report.result_json) == marked
