"""What holds for every flow on the genuine SDK, however its awaits nest and whatever order tasks end in."""

from typing import Any

from hypothesis import HealthCheck, given, settings

from raincheck import Run, flow
from tests.durable.driven import Driven
from tests.durable.histories import ACTIVITY, TIMER, Scheduled
from tests.unit.driver.programs import MOVES, PROGRAMS, body_of
from tests.unit.driver.scripted import work


class Program(Driven):
    """A run of a made-up flow."""

    def __init__(self, program: Any) -> None:
        body = body_of(program)

        @flow
        async def made_up(run: Run, number: int) -> Any:
            return repr(await body(run))

        super().__init__(made_up, 0, steps=(work,))

    def move(self, kind: str, number: int) -> None:
        """Let something happen, if anything can."""
        if self.done or not self.under_way:
            return
        task = self.under_way[number % len(self.under_way)]
        if kind == "cancel":
            self.raise_event("cancel", None)
        elif task.kind == TIMER:
            self.fire()
        elif kind == "fail":
            self.fail(task.label)
        elif kind == "both":
            others = [other for other in self.under_way if other.kind == ACTIVITY][:2]
            self.episode(*(self.ended(other.label, self.result_of(other)) for other in others))
        else:
            self.end(task.label, result=self.result_of(task))

    def result_of(self, task: Scheduled) -> Any:
        """Give what an activity gives when it goes well."""
        if not task.label.startswith("work "):
            return {"done": True}
        return {"kind": "done", "result_json": task.input["input_json"]}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PROGRAMS, MOVES)
def test_every_flow_ends_and_each_episode_goes_on_from_the_one_before(program, moves):
    """Deterministic in every episode, completed in the end, and nothing is left under way."""
    run = Program(program)
    cancels = 0
    for kind, number in moves:
        cancels += kind == "cancel"
        if kind != "cancel" or cancels == 1:
            run.move(kind, number)
    for _ in range(300):
        if run.done:
            break
        run.move("end", 0)

    assert run.output["status"] in {"Succeeded", "Failed", "Canceled"}
    assert run.output["error"] is None or run.output["error"]["code"] != "flow_bug"
    assert all(task.kind == ACTIVITY for task in run.under_way)  # what ignored that it should stop
