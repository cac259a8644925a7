"""Plays a flow to its end with the driver that Durable Functions runs."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from raincheck.driver.driver import Driver
from raincheck.driver.outcomes import outcome_of
from raincheck.driver.state import RunState
from raincheck.flow import Flow
from raincheck.outcomes import Outcome
from raincheck.payloads import RunInput, from_json, to_json
from raincheck.run import Run
from raincheck.step import Step
from raincheck.testing.attempt import Replacement
from raincheck.testing.given_answers import Answers, GivenAnswers
from raincheck.testing.memory_executor import MemoryExecutor
from raincheck.testing.played import Played
from raincheck.testing.replaying import otherwise, replay

__all__ = ["aplay", "play"]

In = TypeVar("In")
Out = TypeVar("Out")
EPOCH = datetime(2030, 1, 1, tzinfo=UTC)


def play(
    flow: Flow[In, Out],
    value: In,
    *,
    steps: Mapping[Step[Any, Any], Replacement] | None = None,
    answers: Answers = (),
    cancel_after: int | None = None,
    now: datetime = EPOCH,
) -> Played[Out]:
    """Run a flow to its end. In an async test, use `await aplay(...)`.

    Args:
        flow: what `@flow` made.
        value: its input.
        steps: replacements: a function of the step's input (async or not), or an exception to raise.
        answers: to what the flow asks: in the order asked, by prompt or model, or a function of both. An
            answer is a model, its JSON-ready form, or NO_ANSWER.
        cancel_after: cancel the run when so many step attempts have ended.
        now: where the run's clock starts, UTC.
    """
    return asyncio.run(aplay(flow, value, steps=steps, answers=answers, cancel_after=cancel_after, now=now))


async def aplay(
    flow: Flow[In, Out],
    value: In,
    *,
    steps: Mapping[Step[Any, Any], Replacement] | None = None,
    answers: Answers = (),
    cancel_after: int | None = None,
    now: datetime = EPOCH,
) -> Played[Out]:
    """As `play`, in a running event loop."""
    start = RunInput(
        run_id="20300101-" + "0" * 32, flow=flow.name, input_json=to_json(flow.input.dump(value))
    )
    played: Played[Out] = Played(Outcome.canceled(), None)
    executor = MemoryExecutor(dict(steps or {}), GivenAnswers(answers), played, now)
    driver = Driver(executor)
    state = RunState(driver, start)
    driver.start(flow.body(Run(state), flow.input.parse(from_json(start.input_json))))
    canceled = False
    driver.advance()
    try:
        while not driver.ended:
            await executor.next_end(driver.outstanding)
            if cancel_after is not None and executor.ended >= cancel_after and not canceled:
                canceled = True
                executor.history.note_cancel()
                driver.cancel_flow()
            driver.advance()
    finally:
        driver.leave()
        await executor.close()
    again = replay(flow, start, executor.history, now)
    played.stopped = [executor.names[number] for number in state.abandoned_steps]
    driver.warn_of_unawaited()
    result, error = driver.result
    played.progress = state.progress
    played.value, played.outcome = result, outcome_of(flow, result, error)
    if again != played.outcome:
        raise AssertionError(otherwise(flow.name, "it ends with something else"))
    if canceled:
        played.outcome = Outcome.canceled()
    return played
