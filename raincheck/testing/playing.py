"""Plays a flow to its end with the driver that Durable Functions runs."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from raincheck.flow import Flow
from raincheck.outcomes import Outcome
from raincheck.payloads import RunInput, to_json
from raincheck.step import Step
from raincheck.testing.attempt import Replacement
from raincheck.testing.given_answers import Answers, GivenAnswers
from raincheck.testing.memory_executor import MemoryExecutor
from raincheck.testing.played import Played
from raincheck.testing.played_runs import CancelAfter, PlayedRun, PlayedRuns

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
    flows: Mapping[Flow[Any, Any], Any] | None = None,
    cancel_after: CancelAfter = None,
    now: datetime = EPOCH,
) -> Played[Out]:
    """Run a flow to its end, and replay it. In an async test, use `await aplay(...)`.

    Args:
        flow: what `@flow` made.
        value: its input.
        steps: replacements: a function of the step's input (async or not), an exception to raise, or
            TIMES_OUT.
        answers: to what the flow asks: in the order asked, by prompt or model, or a function of both. An
            answer is a model, its JSON-ready form, or NO_ANSWER.
        flows: what sub-flows give: a result, an exception (`FlowFailed("…")`), or a function of the input.
            The others are played like the flow itself.
        cancel_after: cancel the run when so many step attempts have ended (a number), when so much of its
            time has passed (a timedelta), or while an attempt is under way (its step).
        now: where the run's clock starts, UTC.
    """
    playing = aplay(
        flow, value, steps=steps, answers=answers, flows=flows, cancel_after=cancel_after, now=now
    )
    return asyncio.run(playing)


async def aplay(
    flow: Flow[In, Out],
    value: In,
    *,
    steps: Mapping[Step[Any, Any], Replacement] | None = None,
    answers: Answers = (),
    flows: Mapping[Flow[Any, Any], Any] | None = None,
    cancel_after: CancelAfter = None,
    now: datetime = EPOCH,
) -> Played[Out]:
    """As `play`, in a running event loop."""
    _check(steps, Step, "steps= takes what @step made")
    _check(flows, Flow, "flows= takes what @flow made")
    start = RunInput(
        run_id="20300101-" + "0" * 32, flow=flow.name, input_json=to_json(flow.input.dump(value))
    )
    played: Played[Out] = Played(Outcome.canceled(), None)
    executor = MemoryExecutor(steps or {}, flows or {}, GivenAnswers(answers), played, now)
    runs = PlayedRuns(PlayedRun(flow, start, executor), executor)
    root = runs.root
    try:
        await runs.play(cancel_after)
    finally:
        runs.leave()
        await executor.close()
    for run in runs.runs.values():
        run.check_replay()
    played.stopped = [
        executor.names[run.id, number] for run in runs.runs.values() for number in run.state.abandoned_steps
    ]
    root.driver.warn_of_unawaited()
    played.value, _ = root.driver.result
    played.progress, played.outcome = root.state.progress, root.outcome
    return played


def _check(replaced: Mapping[Any, Any] | None, kind: type[Any], rule: str) -> None:
    for one in replaced or ():
        if not isinstance(one, kind):
            raise TypeError(f"{rule}, not {one!r}")
