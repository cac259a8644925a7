"""What holds for every flow, however its awaits nest and in whatever order its tasks end."""

from hypothesis import HealthCheck, given, settings

from tests.unit.driver.programs import MOVES, PROGRAMS, played
from tests.unit.driver.scripted import Scripted

EVERY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def story_of(flow: Scripted) -> tuple:
    """Give all that Durable sees of a run: which tasks were made, and how it ended."""
    value, error = flow.driver.result
    return [task.label for task in flow.executor.tasks], repr(value), repr(error), flow.abandoned


@EVERY
@given(PROGRAMS, MOVES)
def test_every_flow_ends_without_breaking_a_rule(program, moves):
    """It never hangs once its tasks end, and the driver itself never fails."""
    flow = played(program, moves)

    assert flow.driver.bug is None
    assert flow.under_way == []


@EVERY
@given(PROGRAMS, MOVES)
def test_every_task_is_accounted_for(program, moves):
    """A step has ended or is named as left in flight, a timer has fired or is cancelled: nothing is lost."""
    flow = played(program, moves)
    left = list(flow.state.abandoned_steps.values())

    for task in flow.executor.tasks:
        if task.call is None:
            assert task.ended or task.canceled
        else:
            assert task.ended is not (task in left)


@EVERY
@given(PROGRAMS, MOVES)
def test_a_replay_is_the_same(program, moves):
    """The same history always gives the same tasks in the same order, and the same end."""
    assert story_of(played(program, moves)) == story_of(played(program, moves))
