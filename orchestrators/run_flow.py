"""`run_flow`: the orchestrator that drives every flow. It returns outcomes and never raises."""

import logging
from collections.abc import Callable, Generator, Sequence
from datetime import datetime, timedelta
from typing import Any

from orchestrators.durable_executor import DurableExecutor, DurableTask
from orchestrators.ending import end
from orchestrators.latch import Latch
from orchestrators.queueing import wait_for_turn
from raincheck.driver.driver import Driver
from raincheck.driver.endings import outcome_of
from raincheck.driver.questions import status_of
from raincheck.driver.tasks import Task
from raincheck.outcomes import Outcome
from raincheck.payloads import CANCEL_EVENT, RunInput, StopRequest, decoded, opened
from raincheck.registry import Registry
from raincheck.run import Run

__all__ = ["Episode", "make_run_flow"]

Orchestrator = Generator[Any, Any, Any]
_NOT_OURS = Outcome.failed("input_invalid", "The input of this orchestration is not that of a run.")


def make_run_flow(registry: Registry, is_function: Callable[[str], bool]) -> Callable[[Any], Orchestrator]:
    """Make the orchestrator for the flows of a registry."""

    def run_flow(context: Any) -> Orchestrator:
        start = _start_of(context)
        if start is None:
            return _NOT_OURS.model_dump(mode="json")
        episode = Episode(context, start, DurableExecutor(context, registry, is_function))
        try:
            if start.waits and (turn := (yield from wait_for_turn(episode))) != "go":
                if turn == "again":
                    return None
                outcome = Outcome.canceled()
            else:
                outcome = yield from _drive(episode, registry)
            episode.show()
            outcome = yield from end(episode, outcome)
        finally:
            episode.driver.leave()
        # A sub-flow's outcome is text, so that the SDK doesn't look into it on the parent's side.
        return outcome.model_dump_json() if episode.is_subflow else outcome.model_dump(mode="json")

    return run_flow


def _start_of(context: Any) -> RunInput | None:
    """Read the input; None where it isn't ours: anybody with Durable's own key may start anything."""
    try:
        return RunInput.model_validate(decoded(context.get_input()))
    except Exception:  # noqa: BLE001 - the SDK raises what it likes, and an orchestrator of ours never raises
        return None


class Episode:
    """What one execution of `run_flow` knows: the run, its driver, and the tasks beside the flow's own."""

    def __init__(self, context: Any, start: RunInput, executor: DurableExecutor) -> None:
        self.context = context
        self.start = start
        self.executor = executor
        self.driver = Driver(executor)
        self.run = Run(self.driver, start)
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
        given = decoded(self.cancel.result) if self.cancel.is_completed else None
        left = given.get("grace") if isinstance(given, dict) else None
        return min(self.start.grace, float(left)) if isinstance(left, int | float) else self.start.grace

    def tell_dropped(self) -> None:
        """Tell the steps and sub-flows that were abandoned while under way, each once."""
        steps, flows = self.driver.dropped_steps, self.driver.dropped_flows
        if steps or flows:
            request = StopRequest(
                run_id=self.start.run_id, steps=sorted(steps), flows=sorted(flows), grace=self.grace_left
            )
            self.stops.append(self.executor.stop_steps(request))
            self.driver.dropped_steps, self.driver.dropped_flows = {}, {}

    def show(self, *, ending: bool = False, queued: bool = False) -> None:
        """Set the custom status; the extension forgets it unless every answer carries it."""
        status = status_of(self.run)
        self.context.set_custom_status(
            status.model_copy(update={"ending": ending, "queued": queued}).dumped()
        )

    def wait(self, tasks: Sequence[Task] = ()) -> Generator[Any, Any, list[DurableTask]]:
        """Wait for one of the tasks, of those waited for before, or the cancel event; give what has ended."""
        beside = [*self.stops, *([self.deadline] if self.deadline is not None else [])]
        raw = [task.raw for task in [*tasks, *beside] if isinstance(task, DurableTask) and not task.done]
        ended = yield from self._latch.wait([*raw, self.cancel])
        return [DurableTask(each) for each in ended]


def _drive(episode: Episode, registry: Registry) -> Generator[Any, Any, Outcome]:
    start, driver, run = episode.start, episode.driver, episode.run
    flow = registry.find(start.flow, start.version)
    if flow is None:
        known = start.flow in registry.flows
        return Outcome.failed(
            "version_gone" if known else "flow_gone",
            f"The flow '{start.flow}' is no longer there{f' in version {start.version}' if known else ''}.",
        )
    try:
        value = flow.input.parse(opened(start.input_json))
    except ValueError as error:
        return Outcome.failed(
            "input_invalid", f"The input does not fit '{start.flow}' ({type(error).__name__})."
        )
    driver.start(flow.body(run, value))
    driver.advance()
    while not driver.ended:
        episode.tell_dropped()
        episode.show()
        ended = yield from episode.wait(driver.take_new())
        if episode.cancel.is_completed and not episode.canceled:
            episode.canceled = True
            episode.begin_grace()
            driver.cancel_flow()
        if episode.deadline is not None and episode.deadline.done:
            break
        driver.advance(ended)
    driver.abandon_all()
    if episode.canceled:
        return Outcome.canceled()
    if driver.bug is None:
        driver.warn_of_unawaited()
    result, raised = driver.result
    if raised is not None:
        episode.executor.log(logging.ERROR, f"the flow '{flow.name}' failed: {raised!r}")
    return outcome_of(flow, result, raised)
