"""The runs of one play: a flow and its sub-flows, stepped in turn in one world of memory."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from raincheck.driver.driver import Driver
from raincheck.driver.outcomes import outcome_of
from raincheck.driver.state import RunState
from raincheck.flow import Flow
from raincheck.outcomes import Outcome
from raincheck.payloads import RunInput, from_json
from raincheck.run import Run
from raincheck.step import Step
from raincheck.testing.memory_executor import MemoryExecutor, MemoryTask
from raincheck.testing.play_history import PlayHistory
from raincheck.testing.replaying import otherwise, replay
from raincheck.testing.run_executor import RunExecutor

__all__ = ["CancelAfter", "PlayedRun", "PlayedRuns"]

CancelAfter = int | timedelta | Step[Any, Any] | None
"""When a test cancels the run: so many attempts have ended, so much time has passed, a step is under way."""


class PlayedRun:
    """One of them. `task` is what its parent waits for."""

    def __init__(
        self,
        flow: Flow[Any, Any],
        start: RunInput,
        memory: MemoryExecutor,
        task: MemoryTask | None = None,
        place: int = 0,
    ) -> None:
        self.flow = flow
        self.id = start.run_id
        self.task = task
        self.canceled = False
        self.history = PlayHistory(memory.now, place)
        self._start = start
        self._memory = memory
        self.driver = Driver(RunExecutor(memory, self.history))
        self.state = RunState(self.driver, start)
        self.driver.start(flow.body(Run(self.state), flow.input.parse(from_json(start.input_json))))

    def cancel(self) -> bool:
        """Cancel it, once; return whether that was now."""
        if self.canceled or self.driver.ended:
            return False
        self.canceled = True
        self.history.note_cancel(self._memory.now)
        self.driver.cancel_flow()
        return True

    def advance(self) -> None:
        """Step its flow until it can't move."""
        self.history.note_turn()
        self.driver.advance()

    def check_replay(self) -> None:
        """Play it again with what it was told.

        Raises:
            AssertionError: it does something else then.
        """
        if replay(self.flow, self._start, self.history, inside=self._inside) != self._ended:
            raise AssertionError(otherwise(self.flow.name, "it ends with something else"))

    @property
    def outcome(self) -> Outcome:
        """How it ended."""
        return Outcome.canceled() if self.canceled else self._ended

    @property
    def _ended(self) -> Outcome:
        return outcome_of(self.flow, *self.driver.result, inside=self._inside)

    @property
    def _inside(self) -> bool:
        return self.task is not None


class PlayedRuns:
    """All of them; the first is the one that the test plays."""

    def __init__(self, root: PlayedRun, executor: MemoryExecutor) -> None:
        self.runs = {root.id: root}
        self.root = root
        self._executor = executor

    async def play(self, cancel_after: CancelAfter) -> None:
        """Let them run to their end.

        Raises:
            AssertionError: they wait for what can't happen, or there was no moment to cancel at.
        """
        executor = self._executor
        alarm = executor.timer(executor.now + cancel_after) if isinstance(cancel_after, timedelta) else None
        self._advance()
        while live := self._live:
            if isinstance(cancel_after, Step) and cancel_after in self._executor.begun and self.root.cancel():
                self._advance()
                continue
            if self.root.driver.ended and _cancel(live):
                self._advance()
                continue
            waited = [task for run in live for task in run.driver.outstanding]
            await self._executor.next_end([*waited, *([alarm] if alarm and not self.root.canceled else [])])
            if _is_due(cancel_after, self._executor.ended) or (alarm and alarm.done):
                self.root.cancel()
            self._advance()
        if isinstance(cancel_after, Step) and not self.root.canceled:
            raise AssertionError(
                f"the step '{cancel_after.name}' was never under way, so nothing was cancelled"
            )

    def leave(self) -> None:
        """End the episodes, the youngest first."""
        for run in reversed(self.runs.values()):
            run.driver.leave()

    @property
    def _live(self) -> list[PlayedRun]:
        return [run for run in self.runs.values() if not run.driver.ended]

    def _advance(self) -> None:
        """Step all until none can move: begin sub-flows, cancel those given up, tell their ends."""
        moved = True
        while moved:
            moved = False
            for run in self._live:
                run.advance()
                given_up = [self.runs[one] for one in run.state.abandoned_flows if one in self.runs]
                moved = _cancel(given_up) or moved
            for flow, start, task in self._executor.take_subflows():
                self.runs[start.run_id] = PlayedRun(flow, start, self._executor, task, len(self.runs))
                moved = True
            for run in self.runs.values():
                if run.driver.ended and run.task is not None and not run.task.done:
                    run.task.end(run.outcome.model_dump_json(), self._executor.now)
                    moved = True


def _cancel(runs: Iterable[PlayedRun]) -> bool:
    """Cancel all of them; return whether any wasn't before."""
    return bool([run for run in runs if run.cancel()])


def _is_due(cancel_after: CancelAfter, ended: int) -> bool:
    return isinstance(cancel_after, int) and ended >= cancel_after
