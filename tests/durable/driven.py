"""Runs of `run_flow` under a test's control."""

from typing import Any

from raincheck import Flow, Run, Step, step
from raincheck.durable.run_flow import make_run_flow
from raincheck.payloads import RunInput, StepReport, to_json
from raincheck.registry import Registry
from tests.durable.histories import RUN_ID, Instance


@step
async def work(number: int) -> int:
    """A step that is never really called."""
    raise AssertionError(number)


class Driven(Instance):
    """A run of one flow. Steps are labelled by name and input: `work 3`."""

    def __init__(
        self,
        flow: Flow[Any, Any],
        value: Any = 0,
        *,
        run_id: str = RUN_ID,
        owes: Any = (),
        grace: float = 30.0,
        waits: bool = False,
        functions: tuple[str, ...] = (),
        others: tuple[Flow[Any, Any], ...] = (),
        steps: tuple[Step[Any, Any], ...] | None = None,
        **more: Any,
    ) -> None:
        registry = Registry([flow, *others], steps or [work])
        run_flow = make_run_flow(registry, lambda name: name in functions)
        given = RunInput(
            run_id=run_id,
            flow=flow.name,
            version=flow.version,
            input_json=to_json(value),
            owes=list(owes),
            grace=grace,
            waits=waits,
        )
        super().__init__(run_flow, given.dumped(), instance_id=run_id, **more)

    def report(self, label: str, **fields: Any) -> None:
        """Let a step's activity end with this report."""
        self.end(label, result=StepReport(**fields).dumped())

    def do(self, *labels: str) -> None:
        """Let steps end well, each giving its own input back, all in one episode."""
        self.episode(*(self.did(label) for label in labels))

    def did(self, label: str) -> dict[str, Any]:
        """Make the event of a step that gave its own input back."""
        done = StepReport(kind="done", result_json=self.find(label).input["input_json"])
        return self.ended(label, done.dumped())

    def break_(self, label: str, kind: str = "permanent", **fields: Any) -> None:
        """Let a step fail."""
        self.report(label, kind=kind, error={"code": "broken", "message": label}, **fields)


async def nothing(run: Run, number: int) -> int:
    """Do nothing at all."""
    return number
