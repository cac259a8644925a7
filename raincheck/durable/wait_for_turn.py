"""A run that waits for others of its conversation: it looks by itself, and is woken when it may go."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from raincheck.durable.executor import DurableTask
from raincheck.payloads import GO_EVENT, MAY_GO, TurnCheck, from_durable

if TYPE_CHECKING:
    from collections.abc import Generator

    from raincheck.durable.episode import Episode

__all__ = ["wait_for_turn"]

CHECKS = 50  # in one history; then the orchestration starts anew
FIRST_PAUSE = timedelta(seconds=32)  # a start is lost after 30 at the least, and timers come a second early
LONGEST_PAUSE = timedelta(minutes=10)


def wait_for_turn(episode: Episode) -> Generator[Any, Any, Literal["go", "canceled", "again"]]:
    """Wait until the run may begin. `again`: it continues as new, and this execution has to end.

    The table decides, not the event: it is raised when the run before has ended, at which moment this one
    may not be there yet, or be gone in a crash. So it looks first, and then from time to time.
    """
    executor = episode.executor
    go = DurableTask(episode.context.wait_for_external_event(GO_EVENT))
    heard = False  # it is waited for once: the SDK would give the same event again
    pause = FIRST_PAUSE
    for _ in range(CHECKS):
        check = DurableTask(episode.context.call_activity(MAY_GO, _question(episode)))
        while not check.done:
            yield from _wait(episode, [check, go])
        if episode.canceled:
            return "canceled"
        if not check.failed and from_durable(check.value).get("go"):
            return "go"
        if go.done and not heard:  # perhaps after the table was read
            heard = True
            continue
        timer = executor.timer(executor.now + pause)
        while not (timer.done or (go.done and not heard) or episode.cancel.is_completed):
            yield from _wait(episode, [timer, go])
        timer.cancel()
        if episode.cancel.is_completed:
            return "canceled"
        heard = go.done
        pause = min(pause * 2, LONGEST_PAUSE)
    episode.context.continue_as_new(episode.start.dumped())
    return "again"


def _question(episode: Episode) -> dict[str, Any]:
    return TurnCheck(run_id=episode.start.run_id).dumped()


def _wait(episode: Episode, tasks: list[DurableTask]) -> Generator[Any, Any, None]:
    episode.show(queued=True)
    yield from episode.wait(tasks)
    episode.canceled = episode.canceled or episode.cancel.is_completed
