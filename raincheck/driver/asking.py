"""Asking a person: show the question, wait for the answer or the end of its time, agree on which came."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from raincheck.driver.operations import EARLY, LONGEST_TIMER
from raincheck.driver.scopes import first
from raincheck.driver.tasks import Task
from raincheck.errors import AnswerTimedOut, OutcomeError
from raincheck.payloads import Answer, Question, QuestionCall, from_durable, to_json
from raincheck.retry import Retry
from raincheck.run_ids import reminder_id, request_id

if TYPE_CHECKING:
    from raincheck.run import Run

__all__ = ["Asked", "run_ask"]

M = TypeVar("M", bound=BaseModel)
_PAUSES = Retry(first_delay=timedelta(seconds=2), max_delay=timedelta(minutes=2))
_ATTEMPTS = 10  # of what the run can do without


@dataclass(frozen=True, slots=True)
class Asked(Generic[M]):
    """What a flow asks; `model_name` is where an answer finds `model` again."""

    prompt: str
    model: type[M]
    model_name: str
    timeout: timedelta | None
    remind_every: timedelta | None


async def run_ask(run: "Run", asked: Asked[M]) -> M:
    """Ask, and give the answer."""
    expires_at = run.now + asked.timeout if asked.timeout else None
    question, store = run.questions.ask(asked.prompt, asked.model_name, expires_at)
    try:
        if store:
            await _store(run, question)
        run.questions.show(question)
        answer = await _wait_for_answer(run, question, asked.remind_every)
    finally:
        run.questions.close(question)
    if answer.kind == "timed_out":
        raise AnswerTimedOut(f"Nobody answered the question {question.id} in time.")
    try:
        return asked.model.model_validate_json(answer.value_json)
    except ValidationError as error:
        raise _invalid(f"The answer no longer fits {asked.model.__name__}.") from error


async def _wait_for_answer(run: "Run", question: Question, remind_every: timedelta | None) -> Answer:
    """Wait for the answer or the end of its time; tell those who asked to be told."""
    event: list[Task] = []

    def the_event() -> Task:  # one task over the whole wait: the SDK serves several of one name wrongly
        if not event:
            event.append(run.driver.executor.answer_to(question))
        return event[0]

    ways = [_answered(run, the_event)]
    if question.expires_at is not None:
        ways.append(_timed_out(run, question.expires_at))
    if run.tells_questions:
        ways.append(_tell(run, question, remind_every, the_event))
    answer: Answer | None = (await first(run.driver, ways)).value
    return answer if answer is not None else await _close(run, question)


async def _answered(run: "Run", event: Callable[[], Task]) -> Answer | None:
    brought = await _wait(run, event, idle=True)
    try:
        return Answer.model_validate(from_durable(brought.value))
    except ValidationError as error:
        raise _invalid("The answer was not given by the answer URL.") from error


async def _timed_out(run: "Run", expires_at: datetime) -> Answer | None:
    await _until(run, expires_at)
    return None


async def _tell(
    run: "Run", question: Question, every: timedelta | None, event: Callable[[], Task]
) -> Answer | None:
    """Tell whoever asked to be told, again and again, until the answer is there."""
    told = request_id(run.id, question.id)
    reminders = 0
    while True:
        call = QuestionCall(run_id=run.id, question=question.id, deliver=told)
        make = partial(run.driver.executor.open_question, call)
        if await _errand(run, make, attempts=_ATTEMPTS, idle=True) is None:
            run.driver.executor.log(logging.ERROR, f"nobody could be told of the question {question.id}")
        if every is None:
            return await _answered(run, event)
        await _until(run, run.now + every)
        reminders += 1
        told = reminder_id(request_id(run.id, question.id), reminders)


async def _store(run: "Run", question: Question) -> None:
    """Store what there is no room to show."""
    text = to_json(question.model_dump(mode="json"))
    call = QuestionCall(run_id=run.id, question=question.id, question_json=text)
    make = partial(run.driver.executor.open_question, call)
    if await _errand(run, make, attempts=_ATTEMPTS) is None:
        raise OutcomeError("The question could not be stored.", code="question_not_stored")


async def _close(run: "Run", question: Question) -> Answer:
    """Let the time-out stand, or whatever answer was faster. Only the row decides, however long it takes."""
    call = QuestionCall(run_id=run.id, question=question.id)
    closed = await _errand(run, partial(run.driver.executor.close_question, call))
    return Answer.model_validate(from_durable(closed.value if closed else None))


async def _errand(
    run: "Run", make: Callable[[], Task], *, attempts: int | None = None, idle: bool = False
) -> Task | None:
    """Call an activity until it succeeds; None after the last attempt."""
    attempt = 1
    while True:
        task = await _wait(run, make, idle=idle)
        if not task.failed:
            return task
        if attempt == attempts:
            return None
        await _until(run, run.now + _PAUSES.delay(min(attempt, _ATTEMPTS), None), idle=idle)
        attempt += 1


async def _until(run: "Run", at: datetime, *, idle: bool = True) -> None:
    """Wait for a time, by timers short enough to be cancelled."""
    while (left := at - run.now) > timedelta(0):
        until = run.now + min(left + EARLY, LONGEST_TIMER)
        await _wait(run, partial(run.driver.executor.timer, until), idle=idle)


async def _wait(run: "Run", make: Callable[[], Task], *, idle: bool) -> Task:
    """Wait for a task; `idle` says that the run waits for a person meanwhile, and nothing else goes on."""

    def made() -> Task:
        task = make()
        if idle:
            run.questions.idle.add(task)
        return task

    def abandon(task: Task) -> None:
        task.cancel()
        run.questions.idle.discard(task)

    task = await run.driver.wait(made, abandon)
    run.questions.idle.discard(task)
    return task


def _invalid(text: str) -> OutcomeError:
    return OutcomeError(text, code="answer_invalid")
