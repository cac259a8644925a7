"""Waiting for a time, by timers short enough to be cancelled."""

from datetime import timedelta

from raincheck.driver.state import RunState

__all__ = ["EARLY", "LONGEST_TIMER", "pause", "run_sleep"]

LONGEST_TIMER = timedelta(days=2)  # longer ones can't be cancelled in the SDK
EARLY = timedelta(seconds=1)  # a durable timer may fire this much too early


async def run_sleep(state: RunState, duration: timedelta) -> None:
    """Wait at least this long, for days if need be."""
    until = state.now + duration
    while (remaining := until - state.now) > timedelta(0):
        await pause(state, min(remaining + EARLY, LONGEST_TIMER))


async def pause(state: RunState, duration: timedelta) -> None:
    """Wait this long, by one timer."""
    executor, until = state.driver.executor, state.now + duration
    await state.driver.wait(lambda: executor.timer(until), lambda timer: timer.cancel())
