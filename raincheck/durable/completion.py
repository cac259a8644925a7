"""The end of a run: steps still out are told and awaited for the grace period, then debts are paid."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from raincheck.driver.steps import emitted
from raincheck.durable.executor import DurableTask
from raincheck.payloads import COMPLETE_RUN, Completion
from raincheck.retry import Retry

if TYPE_CHECKING:
    from collections.abc import Generator

    from raincheck.driver.state import RunState
    from raincheck.durable.episode import Episode
    from raincheck.outcomes import Outcome

__all__ = ["end"]

_COMPLETION = Retry(attempts=10, first_delay=timedelta(seconds=2), max_delay=timedelta(minutes=2))


def end(episode: Episode, outcome: Outcome) -> Generator[Any, Any, Outcome]:
    """Bring a run whose flow has ended to its end. Where nothing is out and nothing is owed, that is free."""
    state, start = episode.state, episode.start
    episode.stop_abandoned()
    yield from _settle(episode)
    open_steps = bool(_out(episode))
    logged = state.logged or _may_have_logged(state)
    outcome = outcome.model_copy(update={"logged": logged})
    close_log = logged and not episode.is_subflow
    owes = [debt for debt in start.owes if debt != "input_callback"]  # that one is paid question by question
    if owes or close_log or episode.canceled or open_steps:
        completion = Completion(
            run_id=start.run_id,
            flow=start.flow,
            outcome_json=outcome.model_dump_json(),
            close_log=close_log,
            owes=owes,
            open_steps=open_steps,
        )
        yield from _complete(episode, completion)
    return outcome


def _settle(episode: Episode) -> Generator[Any, Any, None]:
    """Wait until nothing is under way any more, at most for the grace period."""
    episode.executor.cancel_timers()
    while (out := _out(episode)) or not all(task.done for task in episode.stops):
        episode.begin_grace()
        if episode.deadline is None or episode.deadline.done:
            break
        episode.show()
        yield from episode.wait(out)
        episode.canceled = episode.canceled or episode.cancel.is_completed
    episode.end_grace()


def _out(episode: Episode) -> list[DurableTask]:
    """Return what is under way: steps, sub-flows, and calls that the flow made with Durable's own API."""
    state = episode.state
    tasks = [*state.running_steps.values(), *state.running_flows.values(), *episode.executor.open_tasks()]
    return [task for task in tasks if isinstance(task, DurableTask) and not task.done]


def _may_have_logged(state: RunState) -> bool:
    """Whether a step that the flow left in flight wrote to the event log, or may still do so."""
    return bool(state.running_flows) or any(emitted(task) for task in state.running_steps.values())


def _complete(episode: Episode, completion: Completion) -> Generator[Any, Any, None]:
    """Call `complete_run` until it is done; a sweeper pays what is still owed after the last attempt."""
    for attempt in range(1, _COMPLETION.attempts + 1):
        episode.show(ending=True)
        task = DurableTask(episode.context.call_activity(COMPLETE_RUN, completion.dumped()))
        yield from _until(episode, task)
        if not task.failed:
            return
        episode.executor.log(logging.WARNING, f"complete_run failed (attempt {attempt})")
        if attempt < _COMPLETION.attempts:
            pause = _COMPLETION.delay(attempt, None)
            yield from _until(episode, episode.executor.timer(episode.executor.now + pause))
    episode.executor.log(logging.ERROR, "complete_run never succeeded")


def _until(episode: Episode, task: DurableTask) -> Generator[Any, Any, None]:
    while not task.done:
        yield from episode.wait([task])
