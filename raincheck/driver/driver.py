"""The driver: steps the branches of one flow until none can move, and says what it waits for."""

import contextlib
import heapq
import logging
import traceback
import types
from collections.abc import Callable, Generator, Iterable
from typing import Any, Protocol

from raincheck.driver.branch import Body, Branch, Wait
from raincheck.driver.guards import RULE, Guard, line_among, stepping
from raincheck.driver.tasks import Executor, Task
from raincheck.driver.waits import TaskWait, Waits
from raincheck.errors import Canceled, FlowBug

__all__ = ["Driver", "lines_of"]

MOST_REFUSALS = 1_000  # of await points after the end of an episode: a bare `except` in a loop never ends


class MadeOperation(Protocol):
    """An operation, as the driver remembers it."""

    @property
    def started(self) -> bool:
        """Whether anything awaited it."""
        ...

    def close_unstarted(self) -> None:
        """Close what it would have awaited, where nobody ever awaited it."""
        ...


class Driver:
    """Drives one flow. `advance()` steps it; between two calls, tasks may end.

    A caller: `start(coroutine)`; then `advance()`, wait for any of `outstanding`, and again, until `ended`.
    `cancel_flow()` throws Canceled into the flow; `leave()` ends the episode without ending the flow.
    """

    def __init__(self, executor: Executor) -> None:
        self.executor = executor
        self.left = False
        self._stepped: Branch | None = None
        self._root: Branch | None = None
        self._branches = 0
        self._ready: list[tuple[int, Branch]] = []
        self._queued: set[int] = set()
        self._live: dict[int, Branch] = {}
        self._waits = Waits()
        self._refusals = 0  # await points refused since the episode was left
        self._made: list[MadeOperation] = []
        self._guard = Guard()

    def start(self, coroutine: Body) -> None:
        """Build the root branch."""
        self._root = self.spawn(coroutine)

    @property
    def ended(self) -> bool:
        """Whether the flow and everything it started has come to its end, or broke a rule."""
        return self.bug is not None or (not self._live and self._root is not None)

    @property
    def bug(self) -> FlowBug | None:
        """The first rule the flow broke."""
        return self._guard.bug

    @property
    def result(self) -> tuple[Any, BaseException | None]:
        """What the flow returned, or raised."""
        if self._root is None or not self._root.done:
            return None, self.bug
        return self._root.value, self.bug or self._root.error

    @property
    def outstanding(self) -> list[Task]:
        """The tasks that branches wait for, each once, in the order they were made."""
        return self._waits.outstanding

    def take_new(self) -> list[Task]:
        """Return the tasks made since this was last asked, in the order they were made."""
        return self._waits.take_new()

    def advance(self, ended: Iterable[Task] | None = None) -> None:
        """Step the branches, in the order they were made, until none can move.

        `ended` are the tasks that have ended since the last time; where it isn't given, all are looked at.
        """
        for branch in self._waits.take_ended(ended):
            self.wake(branch)
        self._step_ready()
        while self.bug is None and self._make_tasks():
            self._step_ready()
        if self.bug is None and self._live and not self._waits:
            self.note_bug(FlowBug("The flow waits for something that can never happen.", code="stuck"))

    def _step_ready(self) -> None:
        with stepping(self._guard):
            while self._ready and self.bug is None:
                _, branch = heapq.heappop(self._ready)
                self._queued.discard(branch.number)
                if not branch.done:
                    self._step(branch)
                if branch is self._root and branch.done:
                    for other in sorted(self._live.values(), key=lambda b: b.number):
                        self.cancel(other)

    def cancel_flow(self) -> None:
        """Throw Canceled into the innermost waiting branches of the flow. Once; its clean-up goes on."""
        if self._root is not None:
            self.cancel(self._root)

    def leave(self) -> None:
        """End the episode: every await point raises from now on, and all branches are closed, last first.

        What `finally` blocks raise then is nobody's: the next episode runs them again.
        """
        self.left = True
        with stepping(self._guard):
            for branch in sorted(self._live.values(), key=lambda b: -b.number):
                with contextlib.suppress(Exception, Canceled, GeneratorExit, SystemExit):
                    branch.coroutine.close() if branch.started else branch.close_unstarted()
            for made in self._made:
                made.close_unstarted()
        self._live.clear()

    def abandon_all(self) -> None:
        """Abandon what the branches wait for, without another turn for them: the flow is over."""
        for branch in sorted(self._live.values(), key=lambda b: b.number):
            if branch.wait is not None:
                branch.wait.abandon()

    # What scopes and operations need of it.

    def note_bug(self, bug: FlowBug) -> None:
        """Remember the first broken rule: the run ends with it, caught or not."""
        self._guard.bug = self._guard.bug or bug

    def spawn(self, coroutine: Body, close_operands: Callable[[], None] | None = None) -> Branch:
        """Build a branch; it takes its first step in this same advance."""
        if self.left:
            coroutine.close()
            raise GeneratorExit
        self._branches += 1
        branch = Branch(coroutine, self._branches, close_operands)
        self._live[branch.number] = branch
        self.wake(branch)
        return branch

    @property
    def stepped(self) -> Branch:
        """The branch that is being stepped.

        Raises:
            FlowBug: there is none.
        """
        if self._stepped is None:
            raise FlowBug("An operation of a run was awaited outside its flow.")
        return self._stepped

    @types.coroutine
    def suspend(self, wait: Wait | None) -> Generator[Wait | None, None, None]:
        """Wait: the one await point. The driver goes on with the branch when what it waits for has moved."""
        if self.left and self._may_raise():  # the episode is over: `finally` blocks may not wait any more
            raise GeneratorExit
        yield wait

    async def wait(self, make: Callable[[], Task], abandon: Callable[[Task], None]) -> Task:
        """Wait, in the branch that is being stepped, until a task is done.

        `make` is called when no branch can move any more: a branch that is cancelled before that has
        started nothing. `abandon` is given the task if the branch is cancelled meanwhile.
        """
        wait = TaskWait(self._waits, self.stepped, make, abandon)
        while wait.task is None or not wait.task.done:
            await self.suspend(wait)
        return wait.task

    def wake(self, branch: Branch) -> None:
        """Let the branch have a turn."""
        if branch.number not in self._queued and not branch.done:
            self._queued.add(branch.number)
            heapq.heappush(self._ready, (branch.number, branch))

    def cancel(self, branch: Branch, given_up: str | None = None) -> None:
        """Throw Canceled into the innermost waiting branches below it, each once.

        `given_up` says who does, and where, if it isn't the run that is cancelled.
        """
        pending = [branch]
        while pending:
            one = pending.pop()
            if one.done or one.canceled:
                continue
            one.canceled, one.given_up = True, given_up
            if not one.started:
                one.close_unstarted()
                self._finish(one, None, Canceled())
                continue
            below = one.wait.cancel() if one.wait is not None else ()
            if below:
                pending.extend(reversed(below))
            elif below is not None:
                one.throw = Canceled()
                self.wake(one)

    def note_made(self, operation: MadeOperation) -> None:
        """Remember an operation, to find those that nobody ever awaited."""
        self._made.append(operation)

    def warn_of_unawaited(self) -> None:
        """Log the operations that were made and never awaited: most likely an `await` is missing."""
        for made in self._made:
            if not made.started:
                self.executor.log(logging.WARNING, f"{made} was never awaited: is an 'await' missing?")

    def log_ignored(self, error: BaseException) -> None:
        """Log what a cancelled branch raised: nobody else hears of it."""
        self.executor.log(
            logging.WARNING, f"A cancelled branch ended with {traceback.format_exception(error)[-1]}"
        )

    def _may_raise(self) -> bool:
        """Whether an await point may still raise; a flow that goes on regardless is left alone."""
        self._refusals += 1
        return self._refusals <= MOST_REFUSALS

    def _make_tasks(self) -> bool:
        """Build the tasks that branches still wait for. Return whether a branch can move."""
        for branch, error in self._waits.make_tasks():
            if error is not None:
                branch.throw = error
            self.wake(branch)
        return bool(self._ready)

    def _step(self, branch: Branch) -> None:
        thrown, branch.throw = branch.throw, None
        branch.started, branch.wait, branch.close_operands = True, None, None
        outer, self._stepped = self._stepped, branch
        try:
            wait = branch.coroutine.throw(thrown) if thrown else branch.coroutine.send(None)
        except StopIteration as stop:
            self._finish(branch, stop.value, None)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is how the branch ended
            self._finish(branch, None, error)
        else:
            self._begin(branch, wait)
        finally:
            self._stepped = outer

    def _begin(self, branch: Branch, wait: Any) -> None:
        if isinstance(wait, Wait):
            branch.wait = wait
            wait.begin()
        else:
            line = line_among(lines_of(branch.coroutine))
            self.note_bug(
                FlowBug(f"Something that isn't durable was awaited at {line}. {RULE}", code="not_durable")
            )

    def _finish(self, branch: Branch, value: Any, error: BaseException | None) -> None:
        branch.done, branch.value, branch.error = True, value, error
        branch.wait = None
        self._live.pop(branch.number, None)
        for observer in branch.observers:
            observer.note_end(branch)
        branch.observers = []


def lines_of(awaited: Any) -> list[tuple[types.FrameType, int]]:
    """Return the lines that a suspended coroutine stands at, innermost first."""
    lines: list[tuple[types.FrameType, int]] = []
    while awaited is not None:
        frame = getattr(awaited, "cr_frame", None) or getattr(awaited, "gi_frame", None)
        if frame is not None:
            lines.insert(0, (frame, frame.f_lineno))
        awaited = getattr(awaited, "cr_await", None) or getattr(awaited, "gi_yieldfrom", None)
    return lines
