"""The open questions of a run and its sub-flows, collected from what each of them shows."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic import ValidationError

from raincheck.number_ranges import numbers_in
from raincheck.payloads import Answer, CustomStatus, Question, from_durable
from raincheck.run_ids import request_id
from raincheck.service.ports import Orchestrations

__all__ = ["AnswerRows", "OpenQuestion", "OpenQuestions", "Questions", "custom_status_of"]

AT_ONCE = 16  # sub-flows looked at
_OPEN = frozenset({"Pending", "Running", "Suspended"})  # Durable's words


class AnswerRows(Protocol):
    """Port: what stands for the questions of an instance (a run or a sub-flow), and questions too large."""

    async def decide(self, run_id: str, question: str, answer: Answer) -> tuple[Answer, bool]:
        """Create the row unless there is one; return what stands, and whether it was created now."""
        ...

    async def get(self, run_id: str, question: str) -> Answer | None:
        """Return what stands, or None."""
        ...

    async def decided(self, run_id: str) -> frozenset[str]:
        """Return the questions for which something stands."""
        ...

    async def keep(self, run_id: str, question: Question) -> None:
        """Store a question that is too large to be shown. Twice is the same as once."""
        ...

    async def kept(self, run_id: str, questions: Sequence[str]) -> Sequence[Question]:
        """Return stored questions; those that aren't there are left out."""
        ...


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """Collects open questions.

    What has been answered is left out, although its flow may not know it yet: then the run goes on. It costs
    nothing where nothing is asked and no sub-flow is open.
    """

    answers: AnswerRows
    orchestrations: Orchestrations

    async def of(self, run_id: str, shown: CustomStatus) -> OpenQuestions:
        """Return those of an instance and of the sub-flows that it names."""
        own = await self._own(run_id, shown)
        flows = [f"{run_id}:{number}" for number in numbers_in(shown.flows)]
        below: list[OpenQuestions | None] = []
        for start in range(0, len(flows), AT_ONCE):
            looks = (self._below(flow) for flow in flows[start : start + AT_ONCE])
            below += await asyncio.gather(*looks)
        live = [one for one in below if one is not None]
        waiting = shown.waiting and own.waiting and all(one.waiting for one in live)
        questions = own.questions + [question for one in live for question in one.questions]
        return OpenQuestions(questions, waiting and bool(questions))

    async def _own(self, run_id: str, shown: CustomStatus) -> OpenQuestions:
        if not shown.input_requests and not shown.stored:
            return OpenQuestions(waiting=True)
        stored = [f"q{number}" for number in numbers_in(shown.stored)]
        decided = await self.answers.decided(run_id)
        open_ones = [question for question in stored if question not in decided]
        large = await self.answers.kept(run_id, open_ones) if stored else []
        small = [question for question in shown.input_requests if question.id not in decided]
        questions = [OpenQuestion(run_id, question) for question in (*small, *large)]
        news = decided & {*stored, *(question.id for question in shown.input_requests)}
        return OpenQuestions(sorted(questions, key=lambda one: one.number), waiting=not news)

    async def _below(self, run_id: str) -> OpenQuestions | None:
        """Look at a sub-flow; None where it has ended, and only its parent doesn't know yet."""
        instance = await self.orchestrations.status(run_id)
        if instance is None:
            return OpenQuestions()  # it is just being started
        if instance.runtime_status not in _OPEN:
            return None
        return await self.of(run_id, custom_status_of(instance.custom_status))
