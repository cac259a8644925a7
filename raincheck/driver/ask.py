"""Asking a person: show the question, wait for the answer or the end of its time, agree on which came."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from raincheck.answer_models import shape_of, value_of
from raincheck.driver.gather import first
from raincheck.driver.state import RunState
from raincheck.driver.tasks import Task
from raincheck.driver.timers import EARLY, LONGEST_TIMER
from raincheck.errors import AnswerTimedOut, OutcomeError
from raincheck.payloads import Answer, Question, QuestionCall, from_durable, from_json, to_json
from raincheck.retry import Retry
from raincheck.run_ids import reminder_id, request_id

__all__ = ["Ask", "run_ask"]

M = TypeVar("M", bound=BaseModel)
_PAUSES = Retry(first_delay=timedelta(seconds=2), max_delay=timedelta(minutes=2))
_ATTEMPTS = 10  # of what the run can do without


@dataclass(frozen=True, slots=True)
class Ask(Generic[M]):
    """What a flow asks; `model_name` is where an answer finds `model` again."""

    prompt: str
    model: type[M]
    model_name: str
    timeout: timedelta | None
    remind_every: timedelta | None


async def run_ask(state: RunState, ask: Ask[M]) -> M:
    """Ask, and return the answer."""
    expires_at = state.now + ask.timeout if ask.timeout else None
    question, store = state.questions.ask(ask.prompt, ask.model_name, expires_at)
    try:
        if store:
            await _store(state, question)
        state.questions.show(question)
        answer = await _wait_for_answer(state, question, ask.remind_every)
    finally:
        state.questions.close(question)
    if answer.kind == "timed_out":
        raise AnswerTimedOut(f"Nobody answered the question {question.id} in time.")
    try:
        model: M = shape_of(ask.model).parse(value_of(from_json(answer.value_json)))
    except ValueError as error:
        raise _invalid(f"The answer no longer fits {ask.model.__name__}.") from error
    return model


async def _wait_for_answer(state: RunState, question: Question, remind_every: timedelta | None) -> Answer:
    """Wait for the answer or the end of its time; tell of the question where a callback is owed for it."""
    event: list[Task] = []

    def the_event() -> Task:  # one task over the whole wait: the SDK serves several of one name wrongly
        if not event:
            event.append(state.driver.executor.answer_to(question))
        return event[0]

    ways = [_answered(state, the_event)]
    if question.expires_at is not None:
        ways.append(_timed_out(state, question.expires_at))
    if state.tells_questions:
        ways.append(_tell(state, question, remind_every, the_event))
    answer: Answer | None = (await first(state.driver, ways)).value
    return answer if answer is not None else await _close(state, question)


async def _answered(state: RunState, event: Callable[[], Task]) -> Answer | None:
    task = await _wait(state, event, idle=True)
    try:
        return Answer.model_validate(from_durable(task.value))
    except ValidationError as error:
        raise _invalid("The answer was not given by the answer URL.") from error


async def _timed_out(state: RunState, expires_at: datetime) -> Answer | None:
    await _until(state, expires_at)
    return None


async def _tell(
    state: RunState, question: Question, every: timedelta | None, event: Callable[[], Task]
) -> Answer | None:
    """Tell of the question by a callback, again and again, until the answer is there."""
    callback = request_id(state.id, question.id)
    reminders = 0
    while True:
        call = QuestionCall(run_id=state.id, question=question.id, deliver=callback)
        make = partial(state.driver.executor.open_question, call)
        if await _errand(state, make, attempts=_ATTEMPTS, idle=True) is None:
            state.driver.executor.log(logging.ERROR, f"nobody could be told of the question {question.id}")
        if every is None:
            return await _answered(state, event)
        await _until(state, state.now + every)
        reminders += 1
        callback = reminder_id(request_id(state.id, question.id), reminders)


async def _store(state: RunState, question: Question) -> None:
    """Store a question that there is no room to show."""
    text = to_json(question.model_dump(mode="json"))
    call = QuestionCall(run_id=state.id, question=question.id, question_json=text)
    make = partial(state.driver.executor.open_question, call)
    if await _errand(state, make, attempts=_ATTEMPTS) is None:
        raise OutcomeError("The question could not be stored.", code="question_not_stored")


async def _close(state: RunState, question: Question) -> Answer:
    """Let the time-out stand, or the answer that was faster: the row decides, however long it takes."""
    call = QuestionCall(run_id=state.id, question=question.id)
    task = await _errand(state, partial(state.driver.executor.close_question, call))
    return Answer.model_validate(from_durable(task.value if task else None))


async def _errand(
    state: RunState, make: Callable[[], Task], *, attempts: int | None = None, idle: bool = False
) -> Task | None:
    """Call an activity until it succeeds; None after the last attempt."""
    attempt = 1
    while True:
        task = await _wait(state, make, idle=idle)
        if not task.failed:
            return task
        if attempt == attempts:
            return None
        await _until(state, state.now + _PAUSES.delay(min(attempt, _ATTEMPTS), None), idle=idle)
        attempt += 1


async def _until(state: RunState, at: datetime, *, idle: bool = True) -> None:
    """Wait for a time, by timers short enough to be cancelled."""
    while (remaining := at - state.now) > timedelta(0):
        until = state.now + min(remaining + EARLY, LONGEST_TIMER)
        await _wait(state, partial(state.driver.executor.timer, until), idle=idle)


async def _wait(state: RunState, make: Callable[[], Task], *, idle: bool) -> Task:
    """Wait for a task; `idle` says that the run waits for a person meanwhile, and nothing else goes on."""

    def make_task() -> Task:
        task = make()
        if idle:
            state.questions.idle.add(task)
        return task

    def abandon(task: Task) -> None:
        task.cancel()
        state.questions.idle.discard(task)

    task = await state.driver.wait(make_task, abandon)
    state.questions.idle.discard(task)
    return task


def _invalid(text: str) -> OutcomeError:
    return OutcomeError(text, code="answer_invalid")
