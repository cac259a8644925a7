"""Finishes what a crash left half done: cancels and answers that weren't raised, ends that weren't paid."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from raincheck.errors import RaincheckError
from raincheck.service.ports import Clock, Unfinished, UnfinishedRow

__all__ = ["Resume", "Sweep"]

_LOG = logging.getLogger("raincheck.sweep")

SETTLED = timedelta(seconds=30)  # what is younger is most likely still being done by whoever began it
MOST = 2000  # rows of a kind that one pass reads

Resume = Callable[[UnfinishedRow], Awaitable[None]]
"""Does again what a row stands for, and removes it when nothing is left to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """Looks through what was begun; `resume` has, by kind, what finishes it."""

    unfinished: Unfinished
    resume: Mapping[str, Resume]
    clock: Clock
    monotonic: Callable[[], float]

    async def sweep(self, *, seconds: float) -> int:
        """Go through the rows for at most this long; return how many were looked at."""
        until = self.monotonic() + seconds
        looked_at = 0
        for kind, resume in self.resume.items():
            for row in await self.unfinished.due(kind, before=self.clock() - SETTLED, limit=MOST):
                if self.monotonic() > until:
                    _LOG.warning("there is more to sweep than a pass can do; the next one goes on")
                    return looked_at
                looked_at += 1
                try:
                    await resume(row)
                except RaincheckError:
                    _LOG.warning("%s of %s could not be finished yet", kind, row.key, exc_info=True)
        return looked_at
