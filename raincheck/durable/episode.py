"""One execution of `run_flow`: the run and its driver, its grace period, and how it waits."""

from collections.abc import Generator, Sequence
from datetime import datetime, timedelta
from typing import Any

from raincheck.driver.custom_status import status_of
from raincheck.driver.driver import Driver
from raincheck.driver.state import RunState
from raincheck.driver.tasks import Task
from raincheck.durable.executor import DurableExecutor, DurableTask
from raincheck.durable.latch import Latch
from raincheck.payloads import CANCEL_EVENT, RunInput, StopRequest, from_durable
from raincheck.run import Run

__all__ = ["Episode"]


class Episode:
    """What one execution of `run_flow` knows: the run, its driver, and the tasks beside the flow's own."""

    def __init__(self, context: Any, start: RunInput, executor: DurableExecutor) -> None:
        self.context = context
        self.start = start
        self.executor = executor
        self.driver = Driver(executor)
        self.state = RunState(self.driver, start)
        self.run = Run(self.state)
        self._latch = Latch(context)
        self.cancel = context.wait_for_external_event(CANCEL_EVENT)
        self.canceled = False
        self.deadline: DurableTask | None = None  # the end of the grace period
        self._deadline_at: datetime | None = None
        self.stops: list[DurableTask] = []

    @property
    def is_subflow(self) -> bool:
        """Whether it runs as part of another run."""
        return ":" in self.start.run_id

    def begin_grace(self) -> None:
        """Start the grace period, once."""
        if self.deadline is None:
            self._deadline_at = self.executor.now + timedelta(seconds=self._grace)
            self.deadline = self.executor.timer(self._deadline_at)

    def end_grace(self) -> None:
        """Cancel what is left of the grace period."""
        if self.deadline is not None:
            self.deadline.cancel()
            self.deadline = None

    @property
    def grace_left(self) -> float:
        """Seconds that steps and sub-flows have to stop."""
        if self._deadline_at is None:
            return self._grace
        return max(0.0, (self._deadline_at - self.executor.now).total_seconds())

    @property
    def _grace(self) -> float:
        """The run's own, or less where a cancelled parent has less left."""
        given = from_durable(self.cancel.result) if self.cancel.is_completed else None
        left = given.get("grace") if isinstance(given, dict) else None
        return min(self.start.grace, float(left)) if isinstance(left, int | float) else self.start.grace

    def stop_abandoned(self) -> None:
        """Stop the steps and sub-flows that were abandoned while they were running, each once."""
        steps, flows = self.state.abandoned_steps, self.state.abandoned_flows
        if steps or flows:
            request = StopRequest(
                run_id=self.start.run_id, steps=sorted(steps), flows=sorted(flows), grace=self.grace_left
            )
            self.stops.append(self.executor.stop_steps(request))
            self.state.abandoned_steps, self.state.abandoned_flows = {}, {}

    def show(self, *, ending: bool = False, queued: bool = False) -> None:
        """Set the custom status; the extension forgets it unless every answer carries it."""
        status = status_of(self.state)
        self.context.set_custom_status(
            status.model_copy(update={"ending": ending, "queued": queued}).dumped()
        )

    def wait(self, tasks: Sequence[Task] = ()) -> Generator[Any, Any, list[DurableTask]]:
        """Wait for one of the tasks, of those waited for before, or the cancel event; give what has ended."""
        beside = [*self.stops, *([self.deadline] if self.deadline is not None else [])]
        raw = [task.raw for task in [*tasks, *beside] if isinstance(task, DurableTask) and not task.done]
        ended = yield from self._latch.wait([*raw, self.cancel])
        return [DurableTask(each) for each in ended]
