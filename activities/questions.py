"""The activities of human input: storing and telling a question, and closing it when its time is up."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from raincheck.answering import Answers
from raincheck.payloads import (
    CLOSE_QUESTION,
    OPEN_QUESTION,
    Answer,
    Question,
    QuestionCall,
    decoded,
    opened,
)
from raincheck.ports import Orchestrations
from raincheck.runids import root_of

__all__ = ["Questions", "Tell", "register"]

Tell = Callable[[Orchestrations, str, Literal["run.input_required"], str], Awaitable[None]]
"""Starts the delivery of a question, given the run, the event and the id to deliver under; once an id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """The side effects of `open_question` and `close_question`. Each may be done again."""

    answers: Answers
    tell: Tell

    async def open(self, call: QuestionCall, orchestrations: Orchestrations) -> None:
        """Store the question, or start the callback that tells of it."""
        if call.question_json is not None:
            await self.answers.keep(call.run_id, Question.model_validate(opened(call.question_json)))
        if call.deliver is not None:
            await self.tell(orchestrations, root_of(call.run_id), "run.input_required", call.deliver)

    async def close(self, call: QuestionCall) -> Answer:
        """Let the time-out stand unless an answer does; give what stands."""
        standing, _ = await self.answers.decide(call.run_id, call.question, Answer(kind="timed_out"))
        return standing


def register(app: Any, questions: Questions, orchestrations_of: Callable[[Any], Orchestrations]) -> None:
    """Add the activities. `orchestrations_of` wraps the client that the binding gives."""

    async def open_question(payload: dict, client: Any) -> dict:  # type: ignore[type-arg]  # the worker casts by annotation
        await questions.open(QuestionCall.model_validate(decoded(payload)), orchestrations_of(client))
        return {"done": True}

    async def close_question(payload: dict) -> dict:  # type: ignore[type-arg]  # as above
        return (await questions.close(QuestionCall.model_validate(decoded(payload)))).dumped()

    with_trigger = app.activity_trigger(input_name="payload")(open_question)
    app.function_name(name=OPEN_QUESTION)(app.durable_client_input(client_name="client")(with_trigger))
    app.function_name(name=CLOSE_QUESTION)(app.activity_trigger(input_name="payload")(close_question))
