"""One attempt of one step: its handle, its time limit, its stop marker, and the report of how it ended."""

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from raincheck.errors import LogClosed, PermanentError, StepEscaped, StepStopped, StorageUnavailable
from raincheck.events import Event, EventType
from raincheck.outcomes import ErrorDetail
from raincheck.payloads import StepCall, StepReport, from_json, to_json
from raincheck.service.events import EventLog, EventWriter
from raincheck.service.following.nudges import Nudge, Nudges
from raincheck.service.instrumentation import span
from raincheck.service.ports import StopMarkers
from raincheck.shape import reason_of
from raincheck.step import Step
from raincheck.step_failures import report_of
from raincheck.step_traces import log_failure, trace_of
from raincheck.values.shown import json_of
from raincheck.values.text import ends_in_half, well_formed
from raincheck.work import checked_text, progress_of

__all__ = ["RunningStep", "StepAttempts", "StepTimeLimit"]

_LOG = logging.getLogger("raincheck.step")
LOOK_EVERY = 1.0  # seconds between looks at the stop markers: one storage read each


class StepTimeLimit(TimeoutError):
    """The attempt ran into the step's time limit; a TimeoutError of the step's own is another thing."""

    limit_of_step = True


class RunningStep:
    """The Work of one attempt. Events go to the run's log; nothing is stored unless the step emits."""

    def __init__(self, call: StepCall, name: str, writer: EventWriter) -> None:
        self.run_id = call.run_id
        self.attempt = call.attempt
        self.idempotency_key = call.key
        self.stopping = False
        self._step = name
        self._writer = writer
        self._half = ""  # of a surrogate pair, whose other half comes with the next piece of text

    def raise_if_stopping(self) -> None:
        """Raise StepStopped once the run no longer wants this step."""
        if self.stopping:
            raise StepStopped("The run no longer wants this step.")

    async def text(self, delta: str) -> None:
        """Emit a piece of text."""
        delta = self._half + checked_text(delta, "work.text")
        self._half = delta[-1:] if ends_in_half(delta) else ""
        if whole := delta.removesuffix(self._half):
            await self._write("output.text.delta", {"text": well_formed(whole)})

    async def data(self, value: Any) -> None:
        """Emit a JSON-able value, or a model."""
        await self._emit("output.data", {"data": json_of(value)})

    async def progress(self, percent: float | None = None, message: str | None = None) -> None:
        """Report how far the step is."""
        report = progress_of(percent, message)
        await self._emit(
            "step.progress",
            {"percent": percent if type(percent) is int else report.percent, "message": report.message},
        )

    async def ended(self, report: StepReport, *, last: bool) -> None:
        """Write how the attempt ended, where it emitted anything, and make sure that all of it is stored."""
        if self._half:
            lone = Event("output.text.delta", {"step": self._step, "text": well_formed(self._half)})
            await self._writer.write(lone)
        if not self._writer.used:
            return
        if report.kind == "done":
            await self._writer.write(Event("step.completed", {"step": self._step}))
        else:
            error = report.error.model_dump() if report.error else None
            again = report.kind in ("transient", "timed_out") and not last
            await self._writer.write(
                Event("step.failed", {"step": self._step, "error": error, "will_retry": again})
            )
        await self._writer.flush()

    async def _emit(self, kind: EventType, fields: dict[str, Any]) -> None:
        if self._half:
            await self._let_go()
        await self._write(kind, fields)

    async def _let_go(self) -> None:
        """Write half a pair whose other half didn't come."""
        half, self._half = self._half, ""
        await self._write("output.text.delta", {"text": well_formed(half)})

    async def _write(self, kind: EventType, fields: dict[str, Any]) -> None:
        self.raise_if_stopping()
        try:
            await self._writer.write(Event(kind, {"step": self._step, **fields}))
        except LogClosed as error:
            self.stopping = True
            raise StepStopped("The run has ended.") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class StepAttempts:
    """Attempts steps. `look_every`: seconds between two looks at the stop markers."""

    events: EventLog
    markers: StopMarkers
    nudges: Nudges = field(default_factory=Nudges)
    look_every: float = LOOK_EVERY

    async def attempt(self, step: Step[Any, Any], call: StepCall) -> StepReport:
        """Try the step once. Whatever happens is a report; only the host's own cancellation passes."""
        writer = self.events.writer(
            call.run_id, flow=call.root_flow, step=step.name, step_key=call.key, attempt=call.attempt
        )
        work = RunningStep(call, step.name, writer)
        with span("attempt", run_id=call.run_id, step=step.name, attempt=call.attempt):
            report = await _report(step, call, work, self.markers, self.look_every)
        try:
            await work.ended(report, last=call.last)
        except LogClosed:
            report = report_of(StepStopped(), step.name)
        except StorageUnavailable:
            _LOG.exception("step %s of run %s: its events could not be stored", step.name, call.run_id)
            error = ErrorDetail(
                code="step_failed", message=f"The events of the step '{step.name}' were not stored."
            )
            report = StepReport(kind="transient", error=error)
        finally:
            self.nudges.nudge(call.run_id, Nudge.STEP_ENDED)
        return report.model_copy(update={"emitted": writer.used})


async def _report(
    step: Step[Any, Any], call: StepCall, work: RunningStep, markers: StopMarkers, look_every: float
) -> StepReport:
    try:
        value = step.input.parse(from_json(call.input_json))
    except (ValueError, RecursionError):
        return report_of(PermanentError(f"The input does not fit the step '{step.name}'."), step.name)
    try:
        result = await _within_limits(step, value, work, _watch(work, markers, call.step, look_every))
        return StepReport(kind="done", result_json=_sealed_result(step, result))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is how the attempt ended
        report = report_of(error, step.name)
        log_failure(step.name, call, report, error)
        if report.kind == "stopped":
            return report
        return report.model_copy(update={"detail": trace_of(error)})


def _sealed_result(step: Step[Any, Any], result: Any) -> str:
    try:
        return to_json(step.result.dump(result))
    except (ValueError, RecursionError) as error:  # pydantic's errors are ValueErrors
        kind = type(error).__name__
        text = (
            f"The step '{step.name}' returned something else than its result type ({kind}): "
            f"{reason_of(error)}."
        )
        raise PermanentError(text, code="result_invalid") from error


async def _within_limits(
    step: Step[Any, Any], value: Any, work: RunningStep, stopped: Coroutine[Any, Any, None]
) -> Any:
    """Run the step until it ends, is stopped, or runs into its time limit."""
    task = asyncio.ensure_future(step.contained(value, work))
    watch = asyncio.ensure_future(stopped)
    host = asyncio.current_task() or task
    watch.add_done_callback(lambda done: None if done.cancelled() else task.cancel())
    try:
        async with asyncio.timeout(step.time_limit.total_seconds()) as limit:
            return await task
    except TimeoutError as error:
        if limit.expired():
            raise StepTimeLimit from error
        raise
    except asyncio.CancelledError as error:
        if work.stopping and task.done():
            raise StepStopped("The step was stopped.") from error
        if task.done() and not host.cancelling():
            raise StepEscaped("The step was cancelled from within.") from error
        raise
    finally:
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)


async def _watch(work: RunningStep, markers: StopMarkers, number: int, every: float) -> None:
    """Return when the stop marker is there, after telling the handle; then the step is cancelled."""
    while not work.stopping:
        await asyncio.sleep(every)
        try:
            work.stopping = await markers.stopped(work.run_id, number)
        except Exception:  # noqa: BLE001 - a step must neither end of it nor become unstoppable
            _LOG.debug("the stop marker of run %s could not be read", work.run_id, exc_info=True)
