"""What a race or a failed gather has given up has no result: whoever awaits it is told, with the lines."""

import sys
import types

from raincheck.driver.branch import Branch
from raincheck.driver.driver import Driver, lines_of
from raincheck.driver.guards import line_among, line_of
from raincheck.errors import Canceled, FlowBug

__all__ = ["line_awaiting", "refuse_given_up"]


def refuse_given_up(driver: Driver, branch: Branch, what: str) -> None:
    """Refuse to wait for what has been given up.

    Raises:
        FlowBug: it was given up, though the branch that waits for it wasn't.
    """
    if branch.given_up and isinstance(branch.error, Canceled) and not driver.stepped.canceled:
        line = line_of(sys._getframe(1))  # noqa: SLF001 - the one way to name the line
        bug = FlowBug(
            f"The {what} was given up by {branch.given_up}, and awaited again at {line}. What is given up "
            "has no result: make the operation anew, or race it so that it isn't given up."
        )
        driver.note_bug(bug)
        raise bug


def line_awaiting(branch: Branch) -> str:
    """Return the line of the flow that waits for what a branch does."""
    lines: list[tuple[types.FrameType, int]] = []
    while True:
        lines += lines_of(branch.coroutine)
        if not branch.observers:
            return line_among(lines)
        branch = branch.observers[0].owner
