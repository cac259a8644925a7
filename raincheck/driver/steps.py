"""A step: its activity, called until it is done, ends for good, or its attempts are used up."""

from functools import partial
from typing import Any

from raincheck.driver.state import RunState
from raincheck.driver.tasks import Task
from raincheck.driver.timers import EARLY, pause
from raincheck.errors import OutcomeError, RetriesExhausted, StepFailed, StepTimedOut
from raincheck.outcomes import ErrorDetail
from raincheck.payloads import StepCall, StepReport, from_durable, from_json, to_json
from raincheck.step import Step
from raincheck.step_failures import report_of

__all__ = ["emitted", "run_step"]


async def run_step(state: RunState, step: Step[Any, Any], number: int, value: Any) -> Any:
    """Do a step."""
    driver, retry = state.driver, step.retry
    key = f"{state.id}/{step.name}/{number}"
    attempt = 1
    while True:
        call = StepCall(
            run_id=state.id,
            root_flow=state.root_flow,
            step=number,
            key=key,
            attempt=attempt,
            last=attempt >= retry.attempts,
            input_json=to_json(value),
        )
        task = await driver.wait(partial(_call, state, step, call), partial(_abandon, state, number))
        del state.running_steps[number]
        report = _report(task, step.name)
        state.logged = state.logged or report.emitted
        if report.kind == "done":
            return _result(step, report)
        error = report.error or ErrorDetail(code="step_failed", message=f"The step '{step.name}' failed.")
        if report.kind in ("permanent", "stopped"):
            raise StepFailed(error.message, code=error.code)
        if attempt >= retry.attempts:
            raise _used_up(report, error, retry.attempts)
        await pause(state, retry.delay(attempt, report.retry_after, key) + EARLY)
        attempt += 1


def emitted(task: Task) -> bool:
    """Whether an attempt that nobody waited for wrote to the event log; True where that isn't known."""
    if not task.done or task.failed:
        return True
    try:
        return StepReport.model_validate(from_durable(task.value)).emitted
    except ValueError:
        return True


def _call(state: RunState, step: Step[Any, Any], call: StepCall) -> Task:
    task = state.running_steps[call.step] = state.driver.executor.call_step(step, call)
    return task


def _abandon(state: RunState, number: int, task: Task) -> None:
    if not task.done:
        state.abandoned_steps[number] = task


def _report(task: Task, step: str) -> StepReport:
    """Read what the activity gave. One that died without a report is tried again, and may have emitted."""
    if task.failed:
        return report_of(RuntimeError(step), step).model_copy(
            update={
                "emitted": True,
                "error": ErrorDetail(
                    code="step_failed", message=f"The step '{step}' ended without a report."
                ),
            }
        )
    try:
        return StepReport.model_validate(from_durable(task.value))
    except ValueError as error:
        raise StepFailed(f"The activity of the step '{step}' gave something else than a report.") from error


def _result(step: Step[Any, Any], report: StepReport) -> Any:
    try:
        return step.result.parse(from_json(report.result_json))
    except ValueError as error:
        text = f"The result of the step '{step.name}' does not fit its type ({type(error).__name__})."
        raise StepFailed(text, code="result_invalid") from error


def _used_up(report: StepReport, error: ErrorDetail, attempts: int) -> OutcomeError:
    if report.kind == "timed_out":
        return StepTimedOut(error.message)
    if attempts == 1:
        return StepFailed(error.message, code=error.code)
    return RetriesExhausted(f"{error.message} (tried {attempts} times)")
