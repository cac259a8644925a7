"""Answers: the row decides what stands for a question, and an event brings it to the flow.

The row is created once, by the first answer or by the time-out. An answer is written down before that and
removed after its event was raised, so that the sweep can raise an event that a crash has swallowed.
"""

import json
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from raincheck.answer_models import model_named, sent_of
from raincheck.answer_models import standing as standing_of
from raincheck.errors import RequestError
from raincheck.payloads import Answer, Question, QuestionCall, answer_event, from_json, to_json
from raincheck.run_ids import root_of
from raincheck.service.outbox import Outbox
from raincheck.service.ports import Orchestrations, Unfinished, UnfinishedRow
from raincheck.service.questions import AnswerRows, OpenQuestion
from raincheck.service.runs import RunRow, Runs
from raincheck.service.status import Status
from raincheck.shape import unfit
from raincheck.values.carried import NotCarried

__all__ = ["ANSWER", "MAX_ANSWER", "Answers"]

MAX_ANSWER = 60_000  # bytes of JSON in UTF-8: what a row and an event have room for
ANSWER = "answer"
"""The kind of what the sweep finishes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Takes answers, and does what `open_question` and `close_question` do. Each may be done again."""

    rows: AnswerRows
    runs: Runs
    status: Status
    outbox: Outbox
    unfinished: Unfinished
    orchestrations: Orchestrations

    async def answer(self, row: RunRow, run_id: str, question: str, value: Any) -> None:
        """Let a value stand as the answer.

        Args:
            row: of the run that is asked about.
            run_id: of the instance that asks: the run, or a sub-flow of it.
            question: its id there.
            value: JSON-ready.

        Raises:
            RequestError: 409, another value stands; 410, the question is closed; 413, it is too large;
                422, it does not fit, and the run goes on waiting.
        """
        if len(to_json(value).encode()) > MAX_ANSWER:
            raise RequestError(413, "answer_too_large", f"The value is larger than {MAX_ANSWER} bytes.")
        standing = await self.rows.get(run_id, question)
        answer = value
        if standing is None:
            asked = await self._find(row, run_id, question)
            if asked is not None:
                answer = _checked(asked, value)
            else:
                standing = await self.rows.get(run_id, question)
                if standing is None:
                    raise _closed()
        _agree(standing, value)
        standing = await self.take(run_id, question, to_json(answer))
        if standing is None:
            raise _closed()  # it ended in this moment, and has not seen the answer
        _agree(standing, value)

    async def take(self, run_id: str, question: str, value_json: str) -> Answer | None:
        """Let the answer stand unless something does; return what stands, None where it came too late.

        Whoever comes second raises the event of what stands: the first may have died before it did.
        """
        key = f"{run_id}|{question}"
        await self.unfinished.add(ANSWER, key)
        proposed = Answer(kind="answered", value_json=value_json)
        standing, created = await self.rows.decide(run_id, question, proposed)
        live = await self._raise(run_id, question, standing)
        await self.unfinished.remove(ANSWER, key)
        return standing if live or not created else None

    async def resume(self, left: UnfinishedRow) -> None:
        """Raise the event of an answer that a crash left behind."""
        run_id, _, question = left.key.partition("|")
        standing = await self.rows.get(run_id, question)
        if standing is not None:
            await self._raise(run_id, question, standing)
        await self.unfinished.remove(left.kind, left.key)

    async def open(self, call: QuestionCall) -> None:
        """Store the question, or start the delivery that tells of it."""
        if call.question_json is not None:
            await self.rows.keep(call.run_id, Question.model_validate(from_json(call.question_json)))
        run = None if call.deliver is None else await self.runs.get(root_of(call.run_id))
        if run is not None:
            await self.outbox.tell(run, "run.input_required", call.deliver)

    async def close(self, call: QuestionCall) -> Answer:
        """Let the time-out stand unless an answer does; return what stands."""
        standing, _ = await self.rows.decide(call.run_id, call.question, Answer(kind="timed_out"))
        return standing

    async def _find(self, row: RunRow, run_id: str, question: str) -> OpenQuestion | None:
        view = await self.status.read(row)
        return next(
            (one for one in view.questions if (one.run_id, one.question.id) == (run_id, question)), None
        )

    async def _raise(self, run_id: str, question: str, standing: Answer) -> bool:
        """Raise the event; False where the instance has ended. The flow knows a time-out: it made it."""
        if standing.kind == "timed_out":
            return True
        return await self.orchestrations.raise_event(run_id, answer_event(question), standing.dumped())


def _checked(asked: OpenQuestion, value: Any) -> Any:
    """Return what stands for the value. What does not fit is refused; the run goes on waiting."""
    model = model_named(asked.question.model)
    if model is None:
        raise _closed()  # the app was changed: the flow could do nothing with an answer
    try:
        answer = standing_of(model, value)
    except ValidationError as error:
        raise unfit(error, "value") from None
    except NotCarried as error:
        raise RequestError.invalid("value", str(error)) from None
    if len(to_json(answer).encode()) > MAX_ANSWER:
        raise RequestError(413, "answer_too_large", f"The value is larger than {MAX_ANSWER} bytes.")
    return answer


def _agree(standing: Answer | None, value: Any) -> None:
    if standing is None:
        return
    if standing.kind == "timed_out":
        raise _closed()
    if _canonical(sent_of(from_json(standing.value_json))) != _canonical(value):
        raise RequestError(409, "already_answered", "The question has been answered with another value.")


def _canonical(value: Any) -> str:
    """Build a text that is the same for the same JSON: Python takes 1 and true for equal."""
    return json.dumps(value, sort_keys=True)


def _closed() -> RequestError:
    return RequestError(410, "question_closed", "The question is no longer open.")
