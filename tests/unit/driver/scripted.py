"""A scripted executor: nothing ends but what the test ends, in the order the test says."""

import itertools
import uuid
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from raincheck import Run, step
from raincheck.driver.driver import Driver
from raincheck.driver.state import RunState
from raincheck.flow_definition import Flow
from raincheck.outcomes import Outcome
from raincheck.payloads import RunInput, StepCall, StepReport, StopRequest, from_json, to_json
from raincheck.step import Step

EPOCH = datetime(2030, 1, 1, tzinfo=UTC)
RUN_ID = "20300101-" + "0" * 32


@step
async def work(number: int) -> int:
    """A step that a scripted test never really calls."""
    raise AssertionError(number)


class ScriptedTask:
    """A task that ends when the test says so; `looks` counts how often anybody asked whether it has."""

    looks = 0

    def __init__(self, label: str, call: StepCall | None = None, at: datetime | None = None) -> None:
        self.label, self.call, self.at = label, call, at
        self.ended = self.failed = self.canceled = False
        self.value: Any = None

    @property
    def done(self) -> bool:
        ScriptedTask.looks += 1
        return self.ended

    def cancel(self) -> None:
        self.canceled = True


class ScriptedExecutor:
    """Makes scripted tasks and keeps all of them."""

    context = None

    def __init__(self) -> None:
        self.now = EPOCH
        self.tasks: list[ScriptedTask] = []
        self.logs: list[str] = []
        self.unknown: set[str] = set()
        self._ids = itertools.count()

    def knows(self, step: Step[Any, Any]) -> bool:
        return step.name not in self.unknown

    def call_step(self, step: Step[Any, Any], call: StepCall) -> ScriptedTask:
        return self._made(ScriptedTask(f"{step.name} {from_json(call.input_json)}", call=call))

    def call_flow(self, flow: Flow[Any, Any], start: RunInput) -> ScriptedTask:
        return self._made(ScriptedTask(f"flow {start.run_id.partition(':')[2]}"))

    def stop_steps(self, request: StopRequest) -> ScriptedTask:
        return self._made(ScriptedTask(f"stop {request.steps}"))

    def timer(self, at: datetime) -> ScriptedTask:
        return self._made(ScriptedTask(f"timer {(at - self.now).total_seconds():g}", at=at))

    def adopt(self, raw: Any) -> ScriptedTask:
        return self._made(ScriptedTask(f"raw {raw}"))

    def uuid(self) -> str:
        return str(uuid.UUID(int=next(self._ids)))

    def log(self, level: int, text: str) -> None:
        self.logs.append(text)

    def _made(self, task: ScriptedTask) -> ScriptedTask:
        self.tasks.append(task)
        return task


class Scripted:
    """A flow under a test's control. What is under way is named by step and input: `work 3`."""

    made: ClassVar[list["Scripted"]] = []  # left by a fixture when the test ends

    def __init__(
        self, body: Callable[[Run], Coroutine[Any, Any, Any]], *, unknown: str = "", begin: bool = True
    ) -> None:
        self.executor = ScriptedExecutor()
        self.executor.unknown = {unknown}
        self.driver = Driver(self.executor)
        self.state = RunState(self.driver, RunInput(run_id=RUN_ID, flow="scripted", input_json=to_json(None)))
        self.run = Run(self.state)
        self.made.append(self)
        self.driver.start(body(self.run))
        if begin:
            self.driver.advance()

    @property
    def under_way(self) -> list[str]:
        """What the flow waits for, in the order made."""
        return [task.label for task in self.driver.outstanding]

    @property
    def abandoned(self) -> list[str]:
        """The steps that were abandoned while they were running."""
        return [task.label for task in self.state.abandoned_steps.values()]

    def task(self, label: str) -> ScriptedTask:
        """Find the first task of that label that hasn't ended."""
        return next(task for task in self.executor.tasks if task.label == label and not task.ended)

    def end(self, *labels: str, report: StepReport | None = None, value: Any = None) -> None:
        """Let these end, all before the next step of the driver; a step gives its own input back."""
        for label in labels:
            self._end(self.task(label), report, value)
        self.driver.advance()

    def end_task(self, task: ScriptedTask, report: StepReport | None = None) -> None:
        """Let this very task end."""
        self._end(task, report, None)
        self.driver.advance()

    def _end(self, task: ScriptedTask, report: StepReport | None, value: Any) -> None:
        task.value = value
        if task.call is not None:
            done = StepReport(kind="done", result_json=task.call.input_json)
            task.value = (report or done).dumped()
        if task.at is not None:
            self.executor.now = max(self.executor.now, task.at)
        task.ended = True

    def fail(self, label: str) -> None:
        """Let a step end with a permanent error that carries its label."""
        self.end(label, report=failed(label))

    def end_flow(self, label: str, outcome: Outcome) -> None:
        """Let a sub-flow end."""
        self.end(label, value=outcome.model_dump_json())

    def cancel(self) -> None:
        """Cancel the run."""
        self.driver.cancel_flow()
        self.driver.advance()

    def pass_time(self, seconds: float) -> None:
        """Move the run's clock."""
        self.executor.now += timedelta(seconds=seconds)


def failed(message: str, kind: str = "permanent", retry_after: float | None = None) -> StepReport:
    """Make the report of a failed attempt."""
    return StepReport(kind=kind, error={"code": "broken", "message": message}, retry_after=retry_after)
