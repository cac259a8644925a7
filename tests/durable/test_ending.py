"""The end of a run: what is owed is paid by `complete_run`, and where nothing is owed it isn't called."""

import json

import pytest

from raincheck import Run, flow
from raincheck.durable.run_flow import make_run_flow
from raincheck.registry import Registry
from tests.durable.driven import Driven, work
from tests.durable.histories import RUN_ID, Instance


@flow
async def one_step(run: Run, number: int) -> int:
    return await run.step(work, number)


@flow(name="versioned", version=2)
async def second_version(run: Run, number: int) -> int:
    return number


@pytest.mark.parametrize("debt", ["callback", "conversation"])
def test_a_debt_calls_complete_run_with_the_outcome(debt):
    """The outcome row comes first, so it carries the outcome itself."""
    run = Driven(one_step, 1, owes=[debt])
    run.do("work 1")
    completion = run.find("complete_run").input
    run.end("complete_run", result={"done": True})

    assert completion["owes"] == [debt]
    assert json.loads(completion["outcome_json"])["result"] == 1
    assert not completion["open_steps"]
    assert run.completed
    assert run.statuses[-1]["ending"]


def test_a_written_log_is_closed():
    """A reader must find its end."""
    run = Driven(one_step, 1)
    run.report("work 1", kind="done", result_json="1", emitted=True)

    assert run.find("complete_run").input["close_log"]


def test_a_log_that_nobody_wrote_is_not_made():
    """A run that only failed costs no blob."""
    run = Driven(one_step, 1, owes=["callback"])
    run.break_("work 1")

    assert not run.find("complete_run").input["close_log"]


def test_complete_run_that_fails_is_tried_again():
    """Storage may be away for a while; the run isn't done before its debts are."""
    run = Driven(one_step, 1, owes=["callback"])
    run.do("work 1")
    run.fail("complete_run")
    run.fire()
    assert run.labels == ["complete_run"]
    run.fail("complete_run")
    run.fire()
    run.end("complete_run")

    assert run.completed
    assert run.output["status"] == "Succeeded"
    assert all(status["ending"] for status in run.statuses[-5:])


def test_complete_run_that_never_succeeds_is_left_to_the_sweeper():
    """The run ends all the same: its outcome is known."""
    run = Driven(one_step, 1, owes=["callback"])
    run.do("work 1")
    tries = 0
    while not run.done:
        run.fail("complete_run")
        tries += 1
        if not run.done:
            run.fire()

    assert tries == 10
    assert run.completed
    assert run.output["status"] == "Succeeded"


@pytest.mark.filterwarnings("ignore:Potential duplicate Task completion")
def test_a_cancel_while_debts_are_paid_changes_nothing():
    """The outcome was decided, and a wait that spins would end the worker."""
    run = Driven(one_step, 1, owes=["callback"])
    run.do("work 1")
    run.raise_event("cancel", None)
    run.raise_event("cancel", None)
    run.end("complete_run")

    assert run.completed
    assert run.output["status"] == "Succeeded"


def gone(given, **more):
    run_flow = make_run_flow(Registry([one_step, second_version], [work]), lambda _: False)
    return Instance(run_flow, given, **more)


def test_a_flow_that_is_gone_is_an_outcome():
    """A deployment took it away while the run waited."""
    run = gone({"run_id": RUN_ID, "flow": "other"})

    assert run.output["error"]["code"] == "flow_gone"
    assert "'other'" in run.output["error"]["message"]


def test_a_version_that_is_gone_is_an_outcome():
    """A run goes on with the version it started with, or not at all."""
    run = gone({"run_id": RUN_ID, "flow": "versioned", "version": 1})

    assert run.output["error"]["code"] == "version_gone"


@pytest.mark.parametrize("text", ['"text"', "null", "{}", "[1]", "not JSON", "NaN"])
def test_input_that_does_not_fit_is_an_outcome(text):
    """The flow's model changed between start and now."""
    run = gone({"run_id": RUN_ID, "flow": "one_step", "input_json": text})

    assert run.output["status"] == "Failed"
    assert run.output["error"]["code"] == "input_invalid"


FOREIGN = {"__class__": "Popen", "__module__": "subprocess", "__data__": "true"}


@pytest.mark.parametrize("twice", [True, False])
@pytest.mark.parametrize(
    "given",
    [None, 5, "text", [], {}, {"run_id": RUN_ID}, {"run_id": 5, "flow": "one_step"}, FOREIGN],
)
def test_a_start_that_is_not_ours_is_an_outcome(given, twice):
    """Anybody with Durable's own key may start `run_flow` with anything: it never raises."""
    assert gone(given, twice=twice).output["error"]["code"] == "input_invalid"


def test_a_start_over_http_is_taken_too():
    """An input that was encoded once comes as an object."""
    run = gone({"run_id": RUN_ID, "flow": "versioned", "version": 2, "input_json": "3"}, twice=False)

    assert run.output["result"] == 3


def test_debts_of_a_flow_that_is_gone_are_paid():
    """Its caller waits for the callback."""
    run = gone({"run_id": RUN_ID, "flow": "other", "owes": ["callback"]})

    assert run.labels == ["complete_run"]
