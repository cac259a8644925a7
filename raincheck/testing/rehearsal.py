"""Runs a flow to its end through the genuine SDK: steps are called, questions answered, no time passes."""

import asyncio
import json
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any

from raincheck.durable.run_flow import make_run_flow
from raincheck.payloads import (
    CLOSE_QUESTION,
    OPEN_QUESTION,
    Answer,
    CustomStatus,
    Question,
    QuestionCall,
    RunInput,
    StepCall,
    StepReport,
    answer_event,
    from_json,
)
from raincheck.registry import Registry
from raincheck.step import Step
from raincheck.testing.actions import SUB_FLOW, Scheduled
from raincheck.testing.attempt import Replacement, attempt
from raincheck.testing.differences import restless
from raincheck.testing.given_answers import GivenAnswers
from raincheck.testing.instance import ChangedOnReplay, Instance, answer_of

__all__ = ["Rehearsal", "Results", "answer_to"]

MOST = 1_000  # events of one run: a flow that goes on for ever must not do so here
Results = Mapping[tuple[str, str], list[Any]]
"""What steps and sub-flows gave in an earlier run, in order, by name and input."""


class Rehearsal:
    """Runs flows of a registry. Results of an earlier run are taken where a call is the same, each once."""

    def __init__(
        self,
        registry: Registry,
        answers: GivenAnswers,
        replaced: Mapping[Step[Any, Any], Replacement],
        results: Results,
    ) -> None:
        self._registry = registry
        self._answers = answers
        self._replaced = replaced
        self._results = {call: list(values) for call, values in results.items()}

    def run(self, start: RunInput) -> Instance:
        """Run one to its end.

        Raises:
            AssertionError: it asks what there is no answer to, isn't the same when replayed, or does not end.
        """
        try:
            return self._run(start)
        except ChangedOnReplay as error:
            raise AssertionError(restless(start.flow)) from error

    def _run(self, start: RunInput) -> Instance:
        """Let calls end first, the last one before the others, then answers come, then timers fire."""
        instance = Instance(_orchestrator(self._registry), start.dumped(), instance_id=start.run_id)
        stored: dict[str, Question] = {}
        tries: set[str] = set()
        for _ in range(MOST):
            if instance.done:
                return instance
            calls = [task for task in instance.under_way if task.fire_at is None]
            if calls:
                call = calls[-1]
                if call.label == OPEN_QUESTION and (question := _stored(call)):
                    stored[question.id] = question
                instance.episode(instance.completion(call, self._result(call)))
            elif answered := self._answer(_questions(instance, stored), tries):
                instance.raise_event(*answered)
            elif instance.under_way:
                instance.fire()
            else:
                raise AssertionError(
                    f"the flow '{start.flow}' waits for an answer without a timeout, and nobody answers"
                )
        raise AssertionError(f"the flow '{start.flow}' has not ended after {MOST} steps, answers and timers")

    def _answer(self, questions: list[Question], tries: set[str]) -> tuple[str, Any] | None:
        """Answer the first open question that somebody answers."""
        for question in questions:
            if question.id in tries:
                continue
            tries.add(question.id)
            if answer := self._answers.to(question):
                return answer_event(question.id), answer.dumped()
        return None

    def _result(self, call: Scheduled) -> Any:
        """Return what an activity or a sub-flow gives."""
        if call.kind == SUB_FLOW:
            return self._outcome_of(RunInput.model_validate(call.input))
        name = call.label.partition(" ")[0]
        if name == CLOSE_QUESTION:
            return Answer(kind="timed_out").dumped()
        step = self._registry.steps.get(name)
        return self._report_of(step, StepCall.model_validate(call.input)) if step else None

    def _report_of(self, step: Step[Any, Any], call: StepCall) -> Any:
        for report in self._earlier(step.name, call.input_json):
            if _fits(step, report):
                return report
        report, _ = asyncio.run(attempt(step, call, self._replaced.get(step)))
        return report.dumped()

    def _outcome_of(self, start: RunInput) -> Any:
        for outcome in self._earlier(f"flow {start.flow}", start.input_json):
            return outcome
        return self.run(start).output

    def _earlier(self, name: str, input_json: str) -> Iterator[Any]:
        values = self._results.get((name, input_json), [])
        while values:
            yield values.pop(0)


def answer_to(registry: Registry, payload: dict[str, Any]) -> dict[str, Any]:
    """Return what the flows of a registry ask for, given a history."""
    return answer_of(_orchestrator(registry), json.dumps(payload))


def _orchestrator(registry: Registry) -> Callable[[Any], Generator[Any, Any, Any]]:
    return make_run_flow(registry, lambda _: False)


def _questions(instance: Instance, stored: dict[str, Question]) -> list[Question]:
    """Return the questions that may be open, those asked first before the others."""
    shown = CustomStatus.model_validate(instance.status or {}).input_requests
    return sorted([*stored.values(), *shown], key=lambda question: int(question.id[1:]))


def _stored(call: Scheduled) -> Question | None:
    text = QuestionCall.model_validate(call.input).question_json
    return Question.model_validate(from_json(text)) if text else None


def _fits(step: Step[Any, Any], report: Any) -> bool:
    """Whether the report of an earlier run is still one of this step."""
    try:
        told = StepReport.model_validate(report)
        if told.kind == "done":
            step.result.parse(from_json(told.result_json))
    except ValueError:
        return False
    return True
