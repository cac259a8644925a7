"""How a flow ended, for its caller."""

from raincheck import Canceled, Run, flow
from raincheck.outcomes import RunStatus
from raincheck.testing import play


@flow
async def giving_up(run: Run, value: int) -> int:
    raise Canceled


def test_a_run_that_nobody_cancelled_is_not_canceled():
    """A caller who reads Canceled would look for who did it."""
    outcome = play(giving_up, 1).outcome

    assert (outcome.status, outcome.error.code) == (RunStatus.FAILED, "flow_bug")
    assert "nobody cancelled the run" in outcome.error.message
    assert "test_outcomes.py" in outcome.error.message
