"""`end_run`: passes over a run that won't end, until nothing of it is open."""

import pytest

from raincheck.durable.terminate_run import terminate_run
from raincheck.payloads import Termination
from tests.durable.histories import RUN_ID, Instance


def started():
    return Instance(
        terminate_run, Termination(run_id=RUN_ID).dumped(), instance_id=f"{RUN_ID}:end", latched=False
    )


def test_it_ends_when_nothing_is_open():
    """The common case: the first pass terminates, the second finds it ended."""
    run = started()
    run.end("terminate_run", result={"open": 1})
    assert run.labels == ["timer"]
    run.fire()
    run.end("terminate_run", result={"open": 0})

    assert run.completed
    assert run.output == {"ended": True, "passes": 2}


def test_a_pass_that_fails_is_made_again():
    """Storage may be away."""
    run = started()
    run.fail("terminate_run")
    run.fire()
    run.end("terminate_run", result={"open": 0})

    assert run.output["ended"]


@pytest.mark.parametrize("answer", [None, "text", [], {}, {"open": None}])
def test_an_answer_it_does_not_know_is_another_pass(answer):
    """It never takes 'I don't know' for 'done'."""
    run = started()
    run.end("terminate_run", result=answer)

    assert run.labels == ["timer"]


def test_pauses_grow_and_have_a_limit():
    """An orchestration that can't be ended isn't hammered."""
    run = started()
    pauses = []
    for _ in range(8):
        run.end("terminate_run", result={"open": 1})
        pauses.append(round((run.find("timer").fire_at - run.now).total_seconds()))
        run.fire()

    assert pauses == [2, 4, 8, 16, 32, 60, 60, 60]


def test_it_gives_up_in_the_end(monkeypatch):
    """It must not live for ever itself; the sweeper goes on."""
    monkeypatch.setattr("raincheck.durable.terminate_run.PASSES", 5)
    run = started()
    while not run.done:
        run.end("terminate_run", result={"open": 1})
        if not run.done:
            run.fire()

    assert run.output == {"ended": False, "passes": 5}
    assert run.completed
