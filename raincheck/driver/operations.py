"""What single operations do: a step with its retries, a sub-flow, a sleep, a task of Durable's own."""

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from raincheck.driver.tasks import Task
from raincheck.errors import (
    FlowBug,
    FlowCanceled,
    FlowFailed,
    OutcomeError,
    RetriesExhausted,
    StepFailed,
    StepTimedOut,
)
from raincheck.outcomes import ErrorDetail, Outcome, RunStatus
from raincheck.payloads import StepCall, StepReport, from_durable, from_json, to_json
from raincheck.retry import report_of
from raincheck.run_ids import number_of

if TYPE_CHECKING:
    from raincheck.flow import Flow
    from raincheck.run import Run
    from raincheck.step import Step

__all__ = ["emitted", "run_sleep", "run_step", "run_subflow", "run_task"]

LONGEST_TIMER = timedelta(days=2)  # longer ones can't be cancelled in the SDK
EARLY = timedelta(seconds=1)  # a durable timer may fire this much too early


async def run_step(run: "Run", step: "Step[Any, Any]", number: int, value: Any) -> Any:
    """Call the step's activity until it is done, ends for good, or its attempts are used up."""
    driver, retry = run.driver, step.retry
    key = f"{run.id}/{step.name}/{number}"
    attempt = 1
    while True:
        call = StepCall(
            run_id=run.id,
            root_flow=run.root_flow,
            step=number,
            key=key,
            attempt=attempt,
            last=attempt >= retry.attempts,
            input_json=to_json(value),
        )
        task = await driver.wait(partial(_call, run, step, call), partial(_drop_step, run, number))
        del run.out[number]
        report = _report(task, step.name)
        run.logged = run.logged or report.emitted
        if report.kind == "done":
            return step.result.parse(from_json(report.result_json))
        error = report.error or ErrorDetail(code="step_failed", message=f"The step '{step.name}' failed.")
        if report.kind in ("permanent", "stopped"):
            raise StepFailed(error.message, code=error.code)
        if attempt >= retry.attempts:
            raise _used_up(report, error, retry.attempts)
        await _pause(run, retry.delay(attempt, report.retry_after))
        attempt += 1


def _call(run: "Run", step: "Step[Any, Any]", call: StepCall) -> Task:
    task = run.driver.executor.call_step(step, call)
    run.out[call.step] = task
    return task


async def run_subflow(run: "Run", flow: "Flow[Any, Any]", value: Any) -> Any:
    """Start a sub-flow and wait for its outcome."""
    run_id = ""

    def make() -> Task:  # numbered when it is really started: the ids of sub-flows have no gaps
        nonlocal run_id
        start = run.subflow(flow, to_json(value))
        run_id = start.run_id
        run.out_flows[run_id] = run.driver.executor.call_flow(start)
        run.questions.flows.add(number_of(run_id))
        return run.out_flows[run_id]

    task = await run.driver.wait(make, lambda task: _drop_flow(run, run_id, task))
    del run.out_flows[run_id]
    run.questions.flows.discard(number_of(run_id))
    if task.failed:
        run.logged = True  # it may have
        raise FlowFailed(f"The flow '{flow.name}' was ended from outside.", code="flow_lost")
    outcome = Outcome.model_validate(from_durable(task.value))
    run.logged = run.logged or outcome.logged
    if outcome.status == RunStatus.SUCCEEDED:
        return flow.result.parse(outcome.result)
    error = outcome.error or ErrorDetail(code="failed", message=f"The flow '{flow.name}' failed.")
    if outcome.status == RunStatus.CANCELED:
        raise FlowCanceled(error.message)
    raise FlowFailed(error.message, code=error.code)


async def run_sleep(run: "Run", duration: timedelta) -> None:
    """Wait at least this long, by timers short enough to be cancelled."""
    until = run.now + duration
    while (left := until - run.now) > timedelta(0):
        await _pause(run, min(left + EARLY, LONGEST_TIMER))


async def run_task(run: "Run", raw: Any) -> Any:
    """Wait for a task that the flow made with Durable's own API."""
    driver = run.driver
    try:
        task = driver.executor.adopt(raw)
    except FlowBug as bug:
        driver.note_bug(bug)
        raise
    await driver.wait(lambda: task, lambda _: None)
    if task.failed:
        raise StepFailed("A durable task failed.", code="task_failed")
    return task.value


async def _pause(run: "Run", duration: timedelta) -> None:
    executor, until = run.driver.executor, run.now + duration
    await run.driver.wait(lambda: executor.timer(until), lambda timer: timer.cancel())


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


def emitted(task: Task) -> bool:
    """Whether an attempt that nobody waited for wrote to the event log; True where that isn't known."""
    if not task.done or task.failed:
        return True
    try:
        return StepReport.model_validate(from_durable(task.value)).emitted
    except ValueError:
        return True


def _used_up(report: StepReport, error: ErrorDetail, attempts: int) -> OutcomeError:
    if report.kind == "timed_out":
        return StepTimedOut(error.message)
    if attempts == 1:
        return StepFailed(error.message, code=error.code)
    return RetriesExhausted(f"{error.message} (tried {attempts} times)")


def _drop_step(run: "Run", number: int, task: Task) -> None:
    if not task.done:
        run.driver.dropped_steps[number] = task


def _drop_flow(run: "Run", run_id: str, task: Task) -> None:
    run.questions.flows.discard(number_of(run_id))
    if not task.done:
        run.driver.dropped_flows[run_id] = task
