"""What this process ends is looked at at once by those who wait for it here."""

import asyncio

import pytest

from raincheck.outcomes import Outcome
from raincheck.service.following.nudges import Nudge, Nudges
from raincheck.service.ports import InstanceStatus
from raincheck.service.questions import OpenQuestions
from raincheck.service.runs import RunRow
from raincheck.service.settings import Settings
from raincheck.service.status import RunView, Status
from tests.unit.service.following.followed import NOW, RUN, now
from tests.unit.service.following.virtual_time import run_virtually


class Instance:
    """A run that Durable shows as running until it is done."""

    def __init__(self) -> None:
        self.done = False
        self.looks = 0

    async def status(self, run_id):
        self.looks += 1
        output = Outcome.succeeded(1).model_dump(mode="json") if self.done else None
        return InstanceStatus("Completed" if self.done else "Running", NOW, NOW, None, output)


class Asks:
    async def of(self, run_id, shown):
        return OpenQuestions()


def watched(instance, nudges):
    """A held answer: it waits for a minute, at most."""
    status = Status(
        runs=None,
        outcomes=None,
        conversations=None,
        questions=Asks(),
        orchestrations=instance,
        tokens=None,
        settings=Settings(signing_keys=("k" * 32,)),
        clock=lambda: NOW,
        monotonic=now,
        sleep=asyncio.sleep,
        nudges=nudges,
    )
    view = RunView.unstarted(RunRow(run_id=RUN, flow="f", version=1, created_at=NOW))

    async def gone():
        return False

    return asyncio.ensure_future(
        status.watch(view, until=lambda one: one.outcome is not None, seconds=60, gone=gone)
    )


@pytest.mark.parametrize("run_id", [RUN, f"{RUN}:2:1"], ids=["run", "sub-flow"])
@pytest.mark.parametrize("what", [Nudge.ENDED, Nudge.STEP_ENDED])
def test_a_held_answer_is_given_as_soon_as_the_run_has_ended_here(run_id, what):
    """And not up to a second later, at the time of its next look."""

    async def main():
        instance, nudges = Instance(), Nudges()
        answer = watched(instance, nudges)
        await asyncio.sleep(29.6)
        instance.done = True
        began = now()
        nudges.nudge(run_id, what)
        assert (await answer).outcome is not None
        assert now() - began <= 0.06
        assert not nudges._loops[asyncio.get_running_loop()]

    run_virtually(main())


def test_appends_are_no_news_to_held_answers():
    """A run that streams would cost a look for each piece."""

    async def main():
        instance, nudges = Instance(), Nudges()
        answer = watched(instance, nudges)
        await asyncio.sleep(30)
        before = instance.looks
        for _ in range(1000):
            nudges.appended(RUN)
            await asyncio.sleep(0.01)
        assert instance.looks - before <= 11
        answer.cancel()
        await asyncio.gather(answer, return_exceptions=True)

    run_virtually(main())
