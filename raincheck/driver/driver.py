"""The driver: steps the branches of one flow until none can move, and says what it waits for."""

import heapq
import logging
import traceback
from collections.abc import Callable
from types import FrameType
from typing import Any

from raincheck.driver.branches import Body, Branch, Operation, Scope, TaskWait, suspend
from raincheck.driver.guards import RULE, Guard, line_among, stepping
from raincheck.driver.tasks import Executor, Task
from raincheck.errors import Canceled, FlowBug
from raincheck.models import Progress

__all__ = ["Driver"]


class Driver:
    """Drives one flow. `advance()` steps it; between two calls, tasks may end.

    A caller: `start(coroutine)`; then `advance()`, wait for any of `outstanding`, and again, until `ended`.
    `cancel_flow()` throws Canceled into the flow; `leave()` ends the episode without ending the flow.
    """

    def __init__(self, executor: Executor) -> None:
        self.executor = executor
        self.left = False
        self.progress: Progress | None = None
        self.dropped_steps: dict[int, Task] = {}  # abandoned while under way, not yet told
        self.dropped_flows: dict[str, Task] = {}
        self.current: Branch | None = None
        self._root: Branch | None = None
        self._branches = 0
        self._ready: list[tuple[int, Branch]] = []
        self._queued: set[int] = set()
        self._live: dict[int, Branch] = {}
        self._waiting: dict[Task, list[Branch]] = {}  # in the order the tasks were made
        self._made: list[Operation[Any]] = []
        self._guard = Guard()

    def start(self, coroutine: Body) -> None:
        """Make the root branch."""
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
        return list(self._waiting)

    def advance(self) -> None:
        """Step the branches, in the order they were made, until none can move."""
        for task in [t for t in self._waiting if t.done]:
            for branch in self._waiting.pop(task):
                self.wake(branch)
        with stepping(self._guard):
            self._step_ready()
        if self.bug is None and self._live and not self._waiting:
            self.note_bug(FlowBug("The flow waits for something that can never happen.", code="stuck"))

    def _step_ready(self) -> None:
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
        """End the episode: every await point raises from now on, and all branches are closed, last first."""
        self.left = True
        with stepping(self._guard):
            for branch in sorted(self._live.values(), key=lambda b: -b.number):
                try:
                    branch.coroutine.close()
                except RuntimeError as error:  # it went on waiting in a `finally`, in a way that isn't ours
                    self.log_dropped(error)
        self._live.clear()

    def abandon_all(self) -> None:
        """Give up what the branches wait for, without another turn for them: the flow is over."""
        for branch in sorted(self._live.values(), key=lambda b: b.number):
            if isinstance(branch.waits, TaskWait):
                branch.waits.abandon()
        self._waiting.clear()

    # What branches and scopes need of it.

    def note_bug(self, bug: FlowBug) -> None:
        """Remember the first broken rule: the run ends with it, caught or not."""
        self._guard.bug = self._guard.bug or bug

    def spawn(self, coroutine: Body) -> Branch:
        """Make a branch; it takes its first step in this same advance."""
        if self.left:
            coroutine.close()
            raise GeneratorExit
        self._branches += 1
        branch = Branch(coroutine, self._branches)
        self._live[branch.number] = branch
        self.wake(branch)
        return branch

    def scope(self) -> Scope:
        """Make a scope of the branch that is being stepped."""
        if self.current is None:
            raise FlowBug("An operation of a run was awaited outside its flow.")
        return Scope(self, self.current)

    async def wait(self, task: Task, abandon: Callable[[], None]) -> None:
        """Wait, in the current branch, until the task is done; `abandon` is called if cancelled meanwhile."""
        while not task.done:
            await suspend(self, TaskWait(task, abandon))

    def wake(self, branch: Branch) -> None:
        """Give the branch a turn."""
        if branch.number not in self._queued and not branch.done:
            self._queued.add(branch.number)
            heapq.heappush(self._ready, (branch.number, branch))

    def cancel(self, branch: Branch) -> bool:
        """Throw Canceled into the innermost branches below it; False where that was done before."""
        if branch.done or branch.throw is not None:
            return False
        if not branch.started:
            branch.coroutine.close()
            self._finish(branch, None, Canceled())
            return True
        if isinstance(branch.waits, Scope):
            return self._cancel_scope(branch, branch.waits)
        if branch.canceled:
            return False
        if branch.waits is not None:
            branch.waits.abandon()
            self._stop_waiting(branch, branch.waits.task)
        self._throw(branch)
        return True

    def note_made(self, operation: Operation[Any]) -> None:
        """Remember an operation, to find those that nobody ever awaited."""
        self._made.append(operation)

    def warn_of_unawaited(self) -> None:
        """Log the operations that were made and never awaited: most likely an `await` is missing."""
        for made in self._made:
            if not made.started:
                self.executor.log(logging.WARNING, f"{made} was never awaited: is an 'await' missing?")

    def log_dropped(self, error: BaseException) -> None:
        """Log what a cancelled branch raised."""
        self.executor.log(
            logging.WARNING, f"A cancelled branch ended with {traceback.format_exception(error)[-1]}"
        )

    def _cancel_scope(self, branch: Branch, scope: Scope) -> bool:
        shared = [b for b in scope.live if len(b.scopes) > 1]
        own = [b for b in scope.live if len(b.scopes) == 1]
        moved = [self.cancel(b) for b in sorted(own, key=lambda b: b.number)]
        if any(moved):
            return True
        if own:  # they are being cancelled already: the owner is told when they have ended
            told, scope.cancel_owner = scope.cancel_owner, True
            return not told
        for other in shared:  # somebody else still waits for them
            other.scopes.remove(scope)
            del scope.live[other]
        if branch.canceled:
            return False
        self._throw(branch)
        return True

    def _throw(self, branch: Branch) -> None:
        branch.throw, branch.canceled = Canceled(), True
        self.wake(branch)

    def _step(self, branch: Branch) -> None:
        thrown, branch.throw = branch.throw, None
        branch.started, branch.waits = True, None
        outer, self.current = self.current, branch
        try:
            waits = branch.coroutine.throw(thrown) if thrown else branch.coroutine.send(None)
        except StopIteration as stop:
            self._finish(branch, stop.value, None)
        except (KeyboardInterrupt, GeneratorExit):
            raise
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is how the branch ended
            self._finish(branch, None, error)
        else:
            self._wait_for(branch, waits)
        finally:
            self.current = outer

    def _wait_for(self, branch: Branch, waits: Any) -> None:
        if isinstance(waits, TaskWait):
            branch.waits = waits
            self._waiting.setdefault(waits.task, []).append(branch)
        elif isinstance(waits, Scope):
            branch.waits = waits
            if waits.ended:
                self.wake(branch)
        else:
            line = line_among(_frames(branch.coroutine))
            self.note_bug(
                FlowBug(f"Something that isn't durable was awaited at {line}. {RULE}", code="not_durable")
            )

    def _stop_waiting(self, branch: Branch, task: Task) -> None:
        branches = self._waiting.get(task, [])
        if branch in branches:
            branches.remove(branch)
        if not branches:
            self._waiting.pop(task, None)

    def _finish(self, branch: Branch, value: Any, error: BaseException | None) -> None:
        branch.done, branch.value, branch.error = True, value, error
        branch.waits = None
        self._live.pop(branch.number, None)
        for scope in branch.scopes:
            scope.note_end(branch)
        branch.scopes = []


def _frames(awaited: Any) -> list[FrameType]:
    """Give the frames that a suspended coroutine stands in, innermost first."""
    frames: list[FrameType] = []
    while awaited is not None:
        frame = getattr(awaited, "cr_frame", None) or getattr(awaited, "gi_frame", None)
        if frame is not None:
            frames.insert(0, frame)
        awaited = getattr(awaited, "cr_await", None) or getattr(awaited, "gi_yieldfrom", None)
    return frames
