"""Scopes: branches that one branch, the owner, waits for. A scope hears of each as it ends."""

from collections import deque
from collections.abc import Sequence

from raincheck.driver.branch import Branch, Wait
from raincheck.driver.driver import Driver
from raincheck.driver.given_up import line_awaiting
from raincheck.errors import Canceled

__all__ = ["Scope", "Shield"]


class Scope(Wait):
    """Branches that the branch which is being stepped waits for, in the order they end."""

    __slots__ = ("cancel_owner", "driver", "ended", "live", "owner")

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.owner = driver.stepped
        self.live: dict[Branch, None] = {}  # in the order added
        self.ended: deque[Branch] = deque()
        self.cancel_owner = False  # a cancel went through it to its branches, and is the owner's too

    def add(self, branch: Branch) -> None:
        """Wait for a branch too."""
        if branch.done:
            self.ended.append(branch)
        elif branch not in self.live:
            self.live[branch] = None
            branch.observers.append(self)

    def remove(self, branch: Branch) -> None:
        """Wait for the branch no longer."""
        branch.observers.remove(self)
        del self.live[branch]

    def note_end(self, branch: Branch) -> None:
        """Take note that a branch has ended, and wake the owner if it waits here."""
        del self.live[branch]
        self.ended.append(branch)
        if self.owner.wait is self:
            self.driver.wake(self.owner)

    async def next(self) -> Branch:
        """Return the next branch that has ended, in the order they ended."""
        while not self.ended:
            await self.driver.suspend(self)
        return self.ended.popleft()

    async def cancel_rest(self, by: str) -> None:
        """Cancel what is live and drive it to its end; what it raises meanwhile is logged, and no more.

        What another scope waits for too is left to that one. `by` is who gives it up: `run.first`.
        """
        given_up = f"{by} at {line_awaiting(self.owner)}" if self.live else None
        for branch in sorted(self.live, key=lambda b: b.number):
            if len(branch.observers) > 1:
                self.remove(branch)
            else:
                self.driver.cancel(branch, given_up)
        while self.live or self.ended:
            ended = await self.next()
            if ended.error is not None and not isinstance(ended.error, Canceled):
                self.driver.log_ignored(ended.error)
        if self.cancel_owner:
            raise Canceled

    def begin(self) -> None:
        """Let the owner go on at once where a branch has ended meanwhile."""
        if self.ended:
            self.driver.wake(self.owner)

    def cancel(self) -> Sequence[Branch] | None:
        """Let the cancel go through to the branches that only this scope waits for, and come back with them.

        Where there is none, it waits for none.
        """
        own = sorted((b for b in self.live if len(b.observers) == 1), key=lambda b: b.number)
        if own:
            self.cancel_owner = True
        else:
            for shared in list(self.live):
                self.remove(shared)
        return own


class Shield(Scope):
    """A scope whose branches go on when its owner is cancelled, which it is when they have ended."""

    __slots__ = ()

    def cancel(self) -> None:
        """Let the owner wait on."""
        self.cancel_owner = True
