"""A recorded run of a flow: what a run under way brings along when the next version of the app is deployed.

Such a run is replayed with the code that is there then, so the order of a flow's steps must not change under
one version. `Recording.replay()` holds today's code against the history; tests/app/test_recorded.py calls it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from raincheck.flow import Flow
from raincheck.outcomes import Outcome, RunStatus
from raincheck.payloads import Answer, RunInput, from_durable, from_json, to_json
from raincheck.registry import Registry, discover
from raincheck.step import Step
from raincheck.testing.actions import EVENT, leaves, uncanceled
from raincheck.testing.attempt import Replacement
from raincheck.testing.differences import difference, flow_gone, other_end, restless, version_gone
from raincheck.testing.given_answers import NO_ANSWER, Answers, GivenAnswers

__all__ = ["Recording", "record", "recordings"]

STARTED, STEP_ENDED, SUB_FLOW_ENDED, EPISODE_ENDED, RAISED = 0, 5, 8, 13, 15  # types of events in a history
RUN_ID = "20300101-" + "0" * 32


@dataclass(frozen=True)
class Recording:
    """A run from its start to its end: `payload` holds the history, `actions` is what the flow asked for."""

    flow: str
    version: int
    payload: dict[str, Any]
    actions: list[list[dict[str, Any]]]
    output: Any

    @classmethod
    def read(cls, file: Path) -> Self:
        """Read a file that `write` made."""
        return cls(**json.loads(file.read_text(encoding="utf-8")))

    def write(self, file: Path) -> None:
        """Write it so that a change shows line by line."""
        text = json.dumps(self.__dict__, indent=1, ensure_ascii=False)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{text}\n", encoding="utf-8")

    def __str__(self) -> str:
        return self.flow if self.version == 1 else f"{self.flow} v{self.version}"

    @property
    def input(self) -> Any:
        """The flow's input, JSON-ready."""
        event = next(event for event in self.payload["history"] if event["EventType"] == STARTED)
        return from_json(RunInput.model_validate(_decoded(event["Input"])).input_json)

    @property
    def answers(self) -> list[Any]:
        """What was answered, in the order asked; NO_ANSWER where the time passed."""
        events = [event for event in self.payload["history"] if event["EventType"] == RAISED]
        values = {
            event["Name"]: from_json(Answer.model_validate(_decoded(event["Input"])).value_json)
            for event in events
        }
        names = (action["externalEventName"] for action in leaves(self.actions[0], [EVENT]))
        numbers = sorted({int(name[7:]) for name in names if name.startswith("input:q")})
        return [values.get(f"input:q{number}", NO_ANSWER) for number in numbers]

    @property
    def results(self) -> dict[tuple[str, str], list[Any]]:
        """What steps and sub-flows gave, in the order they ended, by name and input."""
        calls = list(leaves(self.actions[0]))
        results: dict[tuple[str, str], list[Any]] = {}
        for event in self.payload["history"]:
            if event["EventType"] not in (STEP_ENDED, SUB_FLOW_ENDED):
                continue
            call = json.loads(calls[event["TaskScheduledId"]]["input"])
            result = json.loads(event["Result"])
            if event["EventType"] == SUB_FLOW_ENDED:
                results.setdefault((f"flow {call['flow']}", call["input_json"]), []).append(result)
            elif "step" in call:
                name = calls[event["TaskScheduledId"]]["functionName"]
                results.setdefault((name, call["input_json"]), []).append(result)
        return results

    def replay(self, registry: Registry | None = None) -> None:
        """Hold the flow as it is now against the history: its steps, and that it still succeeds.

        Another result is none of its business: runs under way just end with it.

        Raises:
            AssertionError: it would do something else; the text says what, and what to do about it.
        """
        __tracebackhide__ = True
        registry = registry or discover()
        if self.flow not in registry.flows:
            raise AssertionError(flow_gone(self.flow))
        if registry.find(self.flow, self.version) is None:
            raise AssertionError(version_gone(self.flow, self.version, registry.flows[self.flow].version))
        from raincheck.testing.rehearsal import answer_to  # noqa: PLC0415 - it imports the SDK: [functions]

        answer = answer_to(registry, self.payload)
        if changed := difference(self.flow, self.version, self.actions[0], answer["actions"][0]):
            raise AssertionError(changed)
        if _status(answer.get("output")) != _status(self.output):
            raise AssertionError(other_end(self.flow, self.output, answer.get("output")))
        before: list[Any] = []
        for payload in self._episodes():
            actions = uncanceled(answer_to(registry, payload)["actions"][0])
            if actions[: len(before)] != before:
                raise AssertionError(restless(self.flow))
            before = actions

    def _episodes(self) -> list[dict[str, Any]]:
        """Return the payload of every episode: wherever a run stands when the app is deployed, it goes on."""
        history = self.payload["history"]
        ends = [n for n, event in enumerate(history) if event["EventType"] == EPISODE_ENDED]
        return [{**self.payload, "history": history[:end]} for end in [*ends, len(history)]]


def recordings(folder: Path) -> list[Recording]:
    """Read all recordings of a folder; none where there is no such folder."""
    return [Recording.read(file) for file in sorted(folder.glob("*.json"))]


def record(
    registry: Registry,
    flow: str | Flow[Any, Any],
    value: Any,
    *,
    answers: Answers = (),
    steps: Mapping[Step[Any, Any], Replacement] | None = None,
    earlier: Recording | None = None,
) -> Recording:
    """Run a flow to its end and return the history. No time passes; steps are really called.

    Args:
        registry: where the flow and what it calls are: `discover()`.
        flow: the flow, or the name of its newest version.
        value: its input, JSON-ready.
        answers: to what it asks, as in `play`.
        steps: replacements of steps, as in `play`.
        earlier: a recording whose results are taken where a step is called with the same input.

    Raises:
        AssertionError: the run doesn't succeed: a history that ends in a failure holds little.
        pydantic.ValidationError: the input doesn't fit.
    """
    from raincheck.testing.rehearsal import Rehearsal  # noqa: PLC0415 - it imports the SDK: [functions]

    flow = registry.flows[flow] if isinstance(flow, str) else flow
    frozen = flow.input.freeze(value, flow.input.parse(value))
    start = RunInput(run_id=RUN_ID, flow=flow.name, version=flow.version, input_json=to_json(frozen))
    rehearsal = Rehearsal(
        registry, GivenAnswers(answers), dict(steps or {}), earlier.results if earlier else {}
    )
    run = rehearsal.run(start)
    outcome = Outcome.model_validate(run.output)
    if outcome.status is not RunStatus.SUCCEEDED:
        raise AssertionError(f"the run ended {outcome.status}: {outcome.error}")
    return Recording(flow.name, flow.version, json.loads(run.payload), run.answer["actions"], run.output)


def _status(output: Any) -> Any:
    return output.get("status") if isinstance(output, dict) else None


def _decoded(text: str) -> Any:
    return from_durable(from_durable(text))  # the SDK's client encodes twice
