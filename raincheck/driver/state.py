"""What a run knows of itself while its flow is driven: what is running, what is asked, how far it is."""

from datetime import datetime

from raincheck.driver.driver import Driver
from raincheck.driver.questions import Questions
from raincheck.driver.tasks import Task
from raincheck.models import Progress
from raincheck.payloads import RunInput

__all__ = ["RunState"]


class RunState:
    """The state of one run, over one episode. Operations keep it; `Run` shows the flow a part of it."""

    def __init__(self, driver: Driver, start: RunInput) -> None:
        self.driver = driver
        self.id = start.run_id
        self.root_flow = start.root_flow or start.flow
        self.progress: Progress | None = None
        self.logged = False  # whether a step may have written to the event log
        self.running_steps: dict[int, Task] = {}
        self.running_flows: dict[str, Task] = {}
        self.abandoned_steps: dict[int, Task] = {}  # while they were running: to be stopped
        self.abandoned_flows: dict[str, Task] = {}
        self.questions = Questions()
        self.tells_questions = "input_callback" in start.owes  # whether a callback is owed for each
        self._grace = start.grace
        self._steps = 0
        self._flows = 0

    @property
    def now(self) -> datetime:
        """The run's own time, UTC."""
        return self.driver.executor.now

    def next_step(self) -> int:
        """Return the number of the next step."""
        self._steps += 1
        return self._steps

    def next_subflow(self, flow: str, version: int, input_json: str) -> RunInput:
        """Build the input of the next sub-flow, which is numbered by it."""
        self._flows += 1
        return RunInput(
            run_id=f"{self.id}:{self._flows}",
            flow=flow,
            version=version,
            input_json=input_json,
            grace=self._grace,
            owes=["input_callback"] if self.tells_questions else [],
        )
