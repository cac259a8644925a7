"""The activities of human input: storing and telling a question, and closing it when its time is up."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from raincheck.payloads import Answer, Question, QuestionCall, from_json
from raincheck.run_ids import root_of
from raincheck.service.answering import AnswerRows
from raincheck.service.ports import Orchestrations

__all__ = ["Questions", "Tell"]

Tell = Callable[[Orchestrations, str, Literal["run.input_required"], str], Awaitable[None]]
"""Starts the delivery of a question, given the run, the event and the id to deliver under; once an id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """The side effects of `open_question` and `close_question`. Each may be done again."""

    answers: AnswerRows
    tell: Tell

    async def open(self, call: QuestionCall, orchestrations: Orchestrations) -> None:
        """Store the question, or start the callback that tells of it."""
        if call.question_json is not None:
            await self.answers.keep(call.run_id, Question.model_validate(from_json(call.question_json)))
        if call.deliver is not None:
            await self.tell(orchestrations, root_of(call.run_id), "run.input_required", call.deliver)

    async def close(self, call: QuestionCall) -> Answer:
        """Let the time-out stand unless an answer does; give what stands."""
        standing, _ = await self.answers.decide(call.run_id, call.question, Answer(kind="timed_out"))
        return standing
