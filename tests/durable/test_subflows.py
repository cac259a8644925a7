"""Sub-flows: runs inside a run, with ids of their own, cancelled with their parent."""

import json

import pytest

from raincheck import FlowCanceled, FlowFailed, Run, flow
from raincheck.outcomes import Outcome
from tests.durable.driven import Driven, work
from tests.durable.histories import RUN_ID


@flow
async def child(run: Run, number: int) -> int:
    return await run.step(work, number)


@flow
async def parent(run: Run, count: int) -> list[int]:
    return await run.gather(run.flow(child, n) for n in range(count))


@flow
async def forgiving(run: Run, number: int) -> str:
    try:
        await run.flow(child, number)
    except FlowFailed as error:
        return f"failed: {error.code}"
    except FlowCanceled:
        return "canceled"
    return "went well"


def started(flow_, value, **more):
    return Driven(flow_, value, others=(child,), **more)


def test_each_has_an_id_of_its_own_and_the_sealed_input():
    """`{run}:{n}`, from 1 without gaps, so that all can be found."""
    run = started(parent, 3)

    assert run.labels == ["flow 1", "flow 2", "flow 3"]
    assert run.find("flow 2").input["run_id"] == f"{RUN_ID}:2"
    assert run.find("flow 2").input["input_json"] == "1"


def test_results_are_typed_and_in_order():
    """A sub-flow's output is an outcome as text."""
    run = started(parent, 2)
    run.end("flow 2", result=Outcome.succeeded(20).model_dump_json())
    run.end("flow 1", result=Outcome.succeeded(10).model_dump_json())

    assert run.output["result"] == [10, 20]


@pytest.mark.parametrize(
    ("outcome", "seen"),
    [
        (Outcome.failed("no_stock", "None left."), "failed: no_stock"),
        (Outcome.canceled(), "canceled"),
    ],
)
def test_a_parent_may_catch_what_became_of_it(outcome, seen):
    """Failed and cancelled sub-flows are errors with a code."""
    run = started(forgiving, 1)
    run.end("flow 1", result=outcome.model_dump_json())

    assert run.output["result"] == seen


def test_one_that_was_terminated_is_lost():
    """Its orchestration failed, so it gave no outcome; it may have written to the log."""
    run = started(forgiving, 1)
    run.fail("flow 1")
    assert run.find("complete_run").input["close_log"]
    run.end("complete_run")

    assert run.output["result"] == "failed: flow_lost"


def test_it_is_cancelled_with_its_parent_with_the_grace_that_remains():
    """All the way down, and nobody waits longer than the caller was told."""
    run = started(parent, 2, grace=20)
    run.raise_event("cancel", None)
    request = run.find("stop_steps").input
    run.end("stop_steps")
    for label in ("flow 1", "flow 2"):
        run.end(label, result=Outcome.canceled().model_dump_json())
    run.end("complete_run")

    assert request["flows"] == [f"{RUN_ID}:1", f"{RUN_ID}:2"]
    assert 0 < request["grace"] <= 20
    assert run.output["status"] == "Canceled"
    assert run.completed


def test_a_sub_flow_takes_the_grace_its_parent_gives():
    """Less than its own, never more."""
    run = Driven(child, 1, run_id=f"{RUN_ID}:1", grace=30)
    run.raise_event("cancel", {"grace": 7.5})
    timer = run.find("timer")

    assert (timer.fire_at - run.now).total_seconds() == pytest.approx(7.5, abs=0.1)


@pytest.mark.parametrize("grace", [1e9, None, "7", [], True, -5, float("nan"), float("inf")])
def test_nonsense_for_grace_never_extends_it(grace):
    """The event may come from anybody with a key."""
    run = Driven(child, 1, run_id=f"{RUN_ID}:1", grace=30)
    run.raise_event("cancel", {"grace": grace})
    timer = run.find("timer")

    assert (timer.fire_at - run.now).total_seconds() <= 30


def test_the_output_of_a_sub_flow_is_text():
    """In an object, the SDK would look for classes of ours on the parent's side."""
    run = Driven(child, 1, run_id=f"{RUN_ID}:1")
    run.do("work 1")

    assert json.loads(run.output)["result"] == 1


def test_a_sub_flow_never_closes_the_log():
    """It writes to its root's log, which goes on."""
    run = Driven(child, 1, run_id=f"{RUN_ID}:1")
    run.report("work 1", kind="done", result_json="1", emitted=True)

    assert run.completed
    assert json.loads(run.output)["logged"]


def test_the_parent_closes_the_log_that_a_sub_flow_wrote_to():
    """`logged` travels up."""
    run = started(parent, 1)
    outcome = Outcome.succeeded(1).model_copy(update={"logged": True})
    run.end("flow 1", result=outcome.model_dump_json())

    assert run.find("complete_run").input["close_log"]


def test_the_same_flow_can_be_a_run_and_a_sub_flow():
    """A sub-flow's own sub-flows are numbered below it."""

    @flow
    async def nested(run: Run, number: int) -> int:
        return await run.flow(child, number)

    run = started(nested, 1, run_id=f"{RUN_ID}:4")

    assert run.find("flow 4:1").input["run_id"] == f"{RUN_ID}:4:1"
