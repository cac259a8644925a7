"""A sub-flow: another flow as part of this run, under an id of its own."""

from typing import Any

from raincheck.driver.state import RunState
from raincheck.driver.tasks import Task
from raincheck.errors import FlowCanceled, FlowFailed
from raincheck.flow_definition import Flow
from raincheck.outcomes import ErrorDetail, Outcome, RunStatus
from raincheck.payloads import from_durable, to_json
from raincheck.run_ids import number_of

__all__ = ["run_subflow"]


async def run_subflow(state: RunState, flow: Flow[Any, Any], value: Any) -> Any:
    """Start a sub-flow and wait for its outcome."""
    run_id = ""

    def make() -> Task:  # numbered when it is really started: the ids of sub-flows have no gaps
        nonlocal run_id
        start = state.next_subflow(flow.name, flow.version, to_json(value))
        run_id = start.run_id
        task = state.running_flows[run_id] = state.driver.executor.call_flow(flow, start)
        state.questions.flows.add(number_of(run_id))
        return task

    task = await state.driver.wait(make, lambda task: _abandon(state, run_id, task))
    del state.running_flows[run_id]
    state.questions.flows.discard(number_of(run_id))
    if task.failed:
        state.logged = True  # it may have
        raise FlowFailed(f"The flow '{flow.name}' was ended from outside.", code="flow_lost")
    outcome = Outcome.model_validate(from_durable(task.value))
    state.logged = state.logged or outcome.logged
    if outcome.status == RunStatus.SUCCEEDED:
        try:
            return flow.result.parse(outcome.result)
        except ValueError as wrong:
            text = f"The result of the flow '{flow.name}' does not fit its type ({type(wrong).__name__})."
            raise FlowFailed(text, code="result_invalid") from wrong
    error = outcome.error or ErrorDetail(code="failed", message=f"The flow '{flow.name}' failed.")
    if outcome.status == RunStatus.CANCELED:
        raise FlowCanceled(error.message)
    raise FlowFailed(error.message, code=error.code)


def _abandon(state: RunState, run_id: str, task: Task) -> None:
    state.questions.flows.discard(number_of(run_id))
    if not task.done:
        state.abandoned_flows[run_id] = task
