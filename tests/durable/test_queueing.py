"""A run that waits for others of its conversation: it looks first, is woken, and looks again in time."""

import json

import pytest

from raincheck import Run, flow
from raincheck.durable.wait_for_turn import CHECKS
from tests.durable.driven import Driven, work

CONTINUE_AS_NEW = 4


@flow
async def one_step(run: Run, number: int) -> int:
    return await run.step(work, number)


@pytest.fixture
def run():
    return Driven(one_step, 1, owes=["conversation"], waits=True)


def look(run, *, go):
    run.end("may_go", result={"go": go})


def test_it_looks_before_it_waits(run):
    """The run before may have ended before this one could hear of it."""
    look(run, go=True)
    run.do("work 1")
    assert run.find("complete_run").input["owes"] == ["conversation"]


def test_nothing_is_done_before_its_turn(run):
    """That is what waiting means, and its status says so."""
    look(run, go=False)
    assert [task.label for task in run.scheduled if task.label.startswith("work")] == []
    assert run.statuses[-1]["queued"]


def test_woken_it_looks_again_and_goes(run):
    """The event is a hint; the table decides."""
    look(run, go=False)
    run.raise_event("go", {})
    look(run, go=True)
    assert run.find("work 1")
    assert not run.statuses[-1]["queued"]


def test_woken_while_it_looks_it_looks_again(run):
    """The answer may be older than the word."""
    run.raise_event("go", {})
    look(run, go=False)
    look(run, go=True)
    assert run.find("work 1")


def test_it_looks_by_itself_after_half_a_minute_and_then_less_often(run):
    """A word may be lost; ten minutes are the most that costs."""
    pauses = []
    for _ in range(8):
        look(run, go=False)
        pauses.append((run.under_way[0].fire_at - run.now).total_seconds())
        run.fire()
    assert pauses[0] == pytest.approx(32, abs=1)
    assert pauses[1] == pytest.approx(64, abs=1)
    assert pauses[-1] == pytest.approx(600, abs=1)


def test_a_look_that_failed_is_no(run):
    """Storage may be away."""
    run.fail("may_go")
    run.fire()
    look(run, go=True)
    assert run.find("work 1")


@pytest.mark.parametrize("looking", [True, False])
def test_cancelled_while_it_waits_it_ends_without_beginning(run, looking):
    """And lets the next one go."""
    if not looking:
        look(run, go=False)
    run.raise_event("cancel", {})
    if looking:
        look(run, go=True)
    run.end("complete_run", result={"done": True})
    assert run.output["status"] == "Canceled"
    assert all(task.canceled for task in run.scheduled if task.fire_at)


def test_after_fifty_looks_it_continues_as_new():
    """A history that grows for days would slow down every look."""
    run = Driven(one_step, 1, owes=["conversation"], waits=True, latched=False)
    for _ in range(CHECKS):
        assert not run.done
        look(run, go=False)
        run.fire()
    last = run.answer["actions"][0][-1]
    assert (run.completed, last["actionType"]) == (True, CONTINUE_AS_NEW)
    assert json.loads(last["input"])["waits"] is True
