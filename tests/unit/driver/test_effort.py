"""The driver's effort, counted and not timed."""

import pytest

from raincheck import Run
from tests.unit.driver.scripted import Scripted, ScriptedTask, work


def looks(count: int) -> int:
    """Count how often tasks are asked whether they have ended, when all end together."""

    async def body(run: Run):
        await run.gather((run.step(work, n) for n in range(count)), limit=1_000)

    flow = Scripted(body)
    ScriptedTask.looks = 0
    flow.end(*flow.under_way)
    assert flow.driver.ended
    return ScriptedTask.looks


def test_a_wide_gather_costs_in_proportion_to_its_width():
    """A fan-out over a thousand must not cost a million."""
    assert looks(1_000) <= 10 * looks(100) * 1.5


@pytest.mark.parametrize("limit", [1, 16])
def test_a_bounded_gather_asks_only_what_is_under_way(limit):
    """With ends coming one by one, each costs no more than the bound."""

    async def body(run: Run):
        await run.gather((run.step(work, n) for n in range(300)), limit=limit)

    flow = Scripted(body)
    ScriptedTask.looks = 0
    while not flow.driver.ended:
        flow.end(flow.under_way[0])

    assert ScriptedTask.looks <= 300 * (limit + 5)
