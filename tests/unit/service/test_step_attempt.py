"""One attempt of a step: whatever happens is a report."""

import asyncio
import threading
from datetime import timedelta

import pytest

from raincheck import PermanentError, StepStopped, TransientError, Work, step
from raincheck.errors import Canceled, StorageUnavailable
from raincheck.payloads import from_json, to_json
from raincheck.shape import Shape
from raincheck.work import QuietWork
from tests.unit.service.attempts import CALL, Markers, attempt


async def doubled(value: int) -> int:
    return 2 * value


async def waiting(value: int) -> int:
    await asyncio.Event().wait()
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
        (GeneratorExit(), "transient"),
        (KeyboardInterrupt(), "transient"),
        (BaseExceptionGroup("many", [SystemExit(1), PermanentError("no")]), "permanent"),
        (OSError("half a character: \ud83d"), "transient"),
        (PermanentError("half a character: \ud83d"), "permanent"),
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


@pytest.mark.parametrize(
    "error",
    [
        StopIteration(),
        SystemExit(3),
        KeyError("x"),
        GeneratorExit(),
        KeyboardInterrupt(),
        asyncio.CancelledError(),
    ],
    ids=repr,
)
async def test_whatever_a_sync_step_raises_is_a_report(error):
    """On its thread, too: a StopIteration can't be raised into a future."""

    def failing(value: int) -> int:
        raise error

    assert (await attempt(failing)).kind == "transient"


async def test_a_failure_is_logged_once_with_the_steps_own_frames(caplog):
    """Whoever looks for the cause finds the line; which of ours were on the way says nothing."""

    def deep(value):
        raise OSError("half a character: \ud83d")

    async def failing(value: int) -> int:
        return deep(value)

    report = await attempt(failing)
    (record,) = [each for each in caplog.records if each.name == "raincheck.step"]
    text = record.getMessage()

    assert "step failing of run r, attempt 2, ended transient" in text
    assert "in deep" in text
    assert "in failing" in text
    assert "raincheck/" not in text
    assert "asyncio/" not in text
    assert text.encode(), "a log's transport takes no half of a character"
    assert "in deep" in report.detail
    assert "half" not in report.detail, "the text may hold a secret"


async def test_a_stuck_step_says_where(caplog):
    """Of a time limit the one thing to know is what the step was waiting for."""
    await attempt(waiting, limit=timedelta(milliseconds=1))

    assert "in waiting" in caplog.text


def test_a_step_in_a_loop_that_is_closed_is_left_alone():
    """Its coroutine is closed then, and must not go on."""
    coroutine = step(waiting).contained(1, QuietWork())

    async def begin():
        coroutine.send(None)

    asyncio.run(begin())
    coroutine.close()


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


@pytest.mark.parametrize(
    "result", ["text", None, {"a": 1}, object(), float("nan"), 2.5], ids=lambda value: type(value).__name__
)
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

    assert (await attempt(wrong)).kind == "permanent"


async def test_half_a_character_comes_back_as_it_is():
    """The name of a file that isn't UTF-8: a later step must find that file. Callers see U+FFFD."""

    async def half_a_character(value: int) -> object:
        return "caf\udce9"

    report = await attempt(half_a_character)

    assert Shape(object).parse(from_json(report.result_json)) == "caf\udce9"


async def test_the_handle_knows_who_it_is():
    """What a step passes on to the outside."""

    async def who(value: int, work: Work) -> list[str]:
        return [work.run_id, str(work.attempt), work.idempotency_key]

    assert from_json((await attempt(who)).result_json) == ["r", "2", "r/s/7"]


async def test_class_markers_pass_through():
    """What a caller sends is data."""

    async def echo(value: object) -> object:
        return value

    marked = {"__class__": "Popen", "__module__": "subprocess", "__data__": "true"}
    report = await attempt(echo, call=CALL.model_copy(update={"input_json": to_json(marked)}))

    assert from_json(report.result_json) == marked
