"""Executes a flow's tasks with Durable Functions: the driver's port on the SDK's orchestration context."""

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from azure.durable_functions.models.actions.CallActivityAction import CallActivityAction
from azure.durable_functions.models.actions.CallSubOrchestratorAction import CallSubOrchestratorAction
from azure.durable_functions.models.actions.CreateTimerAction import CreateTimerAction
from azure.durable_functions.models.actions.WaitForExternalEventAction import WaitForExternalEventAction
from azure.durable_functions.models.Task import (
    AtomicTask,
    LongTimerTask,
    RetryAbleTask,
    TaskBase,
    WhenAllTask,
    WhenAnyTask,
)

from raincheck.driver.guards import unguarded
from raincheck.errors import FlowBug
from raincheck.flow_definition import Flow
from raincheck.payloads import (
    CLOSE_QUESTION,
    OPEN_QUESTION,
    RUN_FLOW,
    STOP_STEPS,
    Question,
    QuestionCall,
    RunInput,
    StepCall,
    StopRequest,
    answer_event,
    from_durable,
)
from raincheck.registry import Registry
from raincheck.step import Step

__all__ = ["DurableExecutor", "DurableTask"]

_log = logging.getLogger("raincheck.run")  # noqa: TID251 - used by the replay-safe log below only
_LONGEST_TIMER = timedelta(days=3)


class DurableTask:
    """A task of the SDK, as the driver sees it. Two of the same task are equal."""

    __slots__ = ("raw",)

    def __init__(self, raw: TaskBase) -> None:
        self.raw = raw

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DurableTask) and other.raw is self.raw

    def __hash__(self) -> int:
        return id(self.raw)

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return bool(self.raw.is_completed)

    @property
    def failed(self) -> bool:
        """Whether it ended with an error."""
        return bool(self.raw.state.name == "FAILED")

    @property
    def value(self) -> Any:
        """The result; an event's is decoded, since the SDK encodes it twice."""
        if isinstance(self.raw, AtomicTask) and self.raw._api_name == "WaitForExternalEventAction":  # noqa: SLF001 - the only sign of its kind
            return from_durable(self.raw.result)
        if isinstance(self.raw, WhenAllTask) and self.done and not self.failed:
            return [DurableTask(child).value for child in self.raw.children]
        return self.raw.result

    def cancel(self) -> None:
        """Cancel a timer that hasn't fired: the orchestration can't end before it otherwise."""
        if not self.done and self.raw._api_name == "CreateTimerAction":  # noqa: SLF001 - as above
            self.raw.cancel()  # type: ignore[attr-defined]  # a TimerTask then


class DurableExecutor:
    """Makes Durable tasks. `is_function` tells whether the app has a function of that name."""

    def __init__(self, context: Any, registry: Registry, is_function: Callable[[str], bool]) -> None:
        self.context = context
        self._registry = registry
        self._is_function = is_function
        self._events: set[str] = {"cancel"}
        self._adopted: list[TaskBase] = []

    @property
    def now(self) -> datetime:
        """The time of this episode, UTC."""
        now: datetime = self.context.current_utc_datetime
        return _aware(now)

    def knows(self, step: Step[Any, Any]) -> bool:
        """Whether it is registered: calling an unknown activity would hang for ever."""
        return self._registry.knows(step)

    def call_step(self, step: Step[Any, Any], call: StepCall) -> DurableTask:
        """Call the activity of the step's own name."""
        return DurableTask(self.context.call_activity(step.name, call.dumped()))

    def call_flow(self, flow: Flow[Any, Any], start: RunInput) -> DurableTask:  # noqa: ARG002 - the input names it
        """Start `run_flow` as a sub-orchestration."""
        return DurableTask(self.context.call_sub_orchestrator(RUN_FLOW, start.dumped(), start.run_id))

    def stop_steps(self, request: StopRequest) -> DurableTask:
        """Call the activity that writes the markers."""
        return DurableTask(self.context.call_activity(STOP_STEPS, request.dumped()))

    def answer_to(self, question: Question) -> DurableTask:
        """Wait for the question's own event: one task over the whole wait, whatever else is waited for."""
        name = answer_event(question.id)
        self._check_event(name)
        return DurableTask(self.context.wait_for_external_event(name))

    def open_question(self, call: QuestionCall) -> DurableTask:
        """Call the activity that stores questions and starts callbacks."""
        return DurableTask(self.context.call_activity(OPEN_QUESTION, call.dumped()))

    def close_question(self, call: QuestionCall) -> DurableTask:
        """Call the activity that lets the time-out stand, unless an answer does."""
        return DurableTask(self.context.call_activity(CLOSE_QUESTION, call.dumped()))

    def timer(self, at: datetime) -> DurableTask:
        """Build a durable timer."""
        return DurableTask(self.context.create_timer(at))

    def uuid(self) -> str:
        """Return the context's next id."""
        return str(self.context.new_uuid())

    def log(self, level: int, text: str) -> None:
        """Log where this episode is new."""
        if not self.context.is_replaying:
            with unguarded():
                _log.log(level, "run %s: %s", self.context.instance_id, text)

    def adopt(self, raw: Any) -> DurableTask:
        """Take a task that can be waited for behind a latch, and refuse the others."""
        self._check(raw)
        self._adopted += _leaves(raw)
        return DurableTask(raw)

    def open_tasks(self) -> list[DurableTask]:
        """Return the activities and sub-orchestrations that the flow made itself and left under way."""
        return [DurableTask(leaf) for leaf in self._adopted if _is_call(leaf) and not leaf.is_completed]

    def cancel_timers(self) -> None:
        """Cancel the timers that the flow made itself: the orchestration can't end before them otherwise."""
        for leaf in self._adopted:
            DurableTask(leaf).cancel()

    def _check(self, raw: Any) -> None:
        if isinstance(raw, RetryAbleTask):
            raise FlowBug("run.durable can't take ..._with_retry tasks: use a step with retry=Retry(...).")
        if isinstance(raw, WhenAllTask | WhenAnyTask) and not isinstance(raw, LongTimerTask):
            for child in raw.children:
                self._check(child)
            return
        action = raw._get_action() if isinstance(raw, AtomicTask) else raw  # noqa: SLF001 - the only way to see its kind
        if isinstance(action, CallActivityAction | CallSubOrchestratorAction):
            if not self._is_function(action.function_name):
                raise FlowBug(f"The app has no function '{action.function_name}': calling it would hang.")
        elif isinstance(action, WaitForExternalEventAction):
            self._check_event(action.external_event_name)
        elif not isinstance(action, CreateTimerAction | LongTimerTask):
            raise FlowBug(
                "run.durable takes an activity, a sub-orchestration, an external event, a timer of less than "
                "3 days, or task_all/task_any of these. Put HTTP calls and entities into a step."
            )
        elif isinstance(action, LongTimerTask) or _aware(action.fire_at) - self.now >= _LONGEST_TIMER:
            raise FlowBug("run.durable can't take timers of 3 days or more: use run.sleep(...).")

    def _check_event(self, name: str) -> None:
        if name in self._events:
            raise FlowBug(
                f"The event '{name}' is awaited a second time: the SDK would give the same value again, or "
                "lose one. Give each event a name of its own."
            )
        self._events.add(name)


def _aware(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _leaves(raw: Any) -> Iterator[TaskBase]:
    if isinstance(raw, WhenAllTask | WhenAnyTask):
        for child in raw.children:
            yield from _leaves(child)
    else:
        yield raw


def _is_call(leaf: TaskBase) -> bool:
    """Whether it is an activity or a sub-orchestration, and was really scheduled."""
    return leaf._is_scheduled and leaf._api_name in ("CallActivityAction", "CallSubOrchestratorAction")  # noqa: SLF001 - the only signs
