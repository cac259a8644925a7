"""What attempts of steps are tried with: a log and stop markers in memory."""

from datetime import timedelta

from raincheck import step
from raincheck.errors import LogClosed, StorageUnavailable
from raincheck.payloads import StepCall
from raincheck.service.step_attempt import StepAttempts

CALL = StepCall(run_id="r", root_flow="f", step=7, key="r/s/7", attempt=2, last=False, input_json="3")


class MemoryLog:
    """An event log with one writer. `full_after` closes it, `away` fails flushes."""

    def __init__(self) -> None:
        self.events: list = []
        self.asked: dict = {}
        self.full_after = 10**9
        self.away = False
        self.used = False

    def writer(self, run_id, **about):
        self.asked = {"run_id": run_id, **about}
        return self

    async def write(self, event):
        if len(self.events) >= self.full_after:
            raise LogClosed
        self.used = True
        self.events.append(event)

    async def flush(self):
        if self.away:
            raise StorageUnavailable("away")

    @property
    def types(self):
        return [event.type for event in self.events]


class Markers:
    """Stop markers: `wanted` looks go by before the step is marked."""

    def __init__(self, wanted: int = 10**9, *, failing: Exception | None = None) -> None:
        self.wanted, self.failing, self.looks = wanted, failing, 0

    async def stopped(self, run_id, step):
        assert (run_id, step) == ("r", 7)
        self.looks += 1
        if self.failing and self.looks == 1:
            raise self.failing
        return self.looks > self.wanted


async def attempt(function, *, log=None, markers=None, call=CALL, limit=timedelta(minutes=1)):
    """Try a step made of this function once."""
    made = step(time_limit=limit)(function)
    attempts = StepAttempts(
        events=log or MemoryLog(),
        markers=markers or Markers(),
        look_every=0,
    )
    return await attempts.attempt(made, call)
