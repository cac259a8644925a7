"""The open questions of a run and its sub-flows, collected from what each of them shows."""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from raincheck.number_ranges import numbers_in
from raincheck.payloads import CustomStatus, Question, from_durable
from raincheck.run_ids import request_id

if TYPE_CHECKING:
    from raincheck.service.answering import AnswerRows
    from raincheck.service.ports import Orchestrations

__all__ = ["OpenQuestion", "OpenQuestions", "custom_status_of", "open_questions"]

AT_ONCE = 16  # sub-flows looked at
_OPEN = frozenset({"Pending", "Running", "Suspended"})  # Durable's words


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question that nobody has answered. `run_id` is of the instance that asks: the run, or a sub-flow."""

    run_id: str
    question: Question

    @property
    def id(self) -> str:
        """Its id within the whole run."""
        return request_id(self.run_id, self.question.id)

    @property
    def number(self) -> int:
        """Its number within the instance."""
        return int(self.question.id[1:])


@dataclass(frozen=True, slots=True)
class OpenQuestions:
    """What is asked, and whether nothing else goes on."""

    questions: list[OpenQuestion] = field(default_factory=list)
    waiting: bool = False


def custom_status_of(value: Any) -> CustomStatus:
    """Read what an instance of `run_flow` shows; nothing where it can't be read."""
    try:
        return CustomStatus.model_validate(from_durable(value) or {})
    except ValidationError:
        return CustomStatus()


async def open_questions(
    orchestrations: "Orchestrations", answers: "AnswerRows", run_id: str, shown: CustomStatus
) -> OpenQuestions:
    """Collect the questions of an instance and of the sub-flows that it names.

    What has been answered is left out, although its flow may not know it yet: then the run goes on. It
    costs nothing where nothing is asked and no sub-flow is open.
    """
    own = await _own(answers, run_id, shown)
    flows = [f"{run_id}:{number}" for number in numbers_in(shown.flows)]
    below: list[OpenQuestions | None] = []
    for start in range(0, len(flows), AT_ONCE):
        looks = (_below(orchestrations, answers, flow) for flow in flows[start : start + AT_ONCE])
        below += await asyncio.gather(*looks)
    live = [one for one in below if one is not None]
    waiting = shown.waiting and own.waiting and all(one.waiting for one in live)
    questions = own.questions + [question for one in live for question in one.questions]
    return OpenQuestions(questions, waiting and bool(questions))


async def _own(answers: "AnswerRows", run_id: str, shown: CustomStatus) -> OpenQuestions:
    if not shown.input_requests and not shown.stored:
        return OpenQuestions(waiting=True)
    stored = [f"q{number}" for number in numbers_in(shown.stored)]
    decided = await answers.decided(run_id)
    kept = await answers.kept(run_id, [id_ for id_ in stored if id_ not in decided]) if stored else []
    listed = [question for question in shown.input_requests if question.id not in decided]
    questions = [OpenQuestion(run_id, question) for question in (*listed, *kept)]
    news = decided & {*stored, *(question.id for question in shown.input_requests)}
    return OpenQuestions(sorted(questions, key=lambda one: one.number), waiting=not news)


async def _below(
    orchestrations: "Orchestrations", answers: "AnswerRows", run_id: str
) -> OpenQuestions | None:
    """Look at a sub-flow; None where it has ended, and only its parent doesn't know yet."""
    instance = await orchestrations.status(run_id)
    if instance is None:
        return OpenQuestions()  # it is just being started
    if instance.runtime_status not in _OPEN:
        return None
    shown = custom_status_of(instance.custom_status)
    return await open_questions(orchestrations, answers, run_id, shown)
