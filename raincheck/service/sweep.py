"""Finishes what a crash left half done: cancels and answers that weren't raised, ends that weren't paid."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from raincheck.errors import RaincheckError
from raincheck.events import START
from raincheck.payloads import CANCEL_EVENT, Completion, Debt
from raincheck.service.completion import Endings
from raincheck.service.ports import Clock, Orchestrations, RunRow, Unfinished, UnfinishedRow
from raincheck.service.status import RunViews

__all__ = ["Again", "Sweeper"]

_LOG = logging.getLogger("raincheck.sweep")

SETTLED = timedelta(seconds=30)  # what is younger is most likely still being done by whoever began it

Again = Callable[[UnfinishedRow, Orchestrations], Awaitable[None]]
"""Does again what a note stands for, and crosses it out when nothing is left to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweeper:
    """Looks through the notes of what was begun. `takeover` is how long a start may take.

    `again` has, by kind of note, what finishes it, beside the kinds that are the sweeper's own.
    """

    endings: Endings
    unfinished: Unfinished
    clock: Clock
    takeover: timedelta
    again: dict[str, Again]
    monotonic: Callable[[], float]

    async def sweep(self, orchestrations: Orchestrations, *, seconds: float) -> int:
        """Go through the notes for at most this long; give how many were looked at."""
        until = self.monotonic() + seconds
        looked_at = 0
        kinds: dict[str, Again] = {"cancel": self._cancel, "run": self._finish, **self.again}
        for kind, again in kinds.items():
            for row in await self.unfinished.due(kind, before=self.clock() - SETTLED, limit=2000):
                if self.monotonic() > until:
                    _LOG.warning("there is more to sweep than a pass can do; the next one goes on")
                    return looked_at
                looked_at += 1
                try:
                    await again(row, orchestrations)
                except RaincheckError:
                    _LOG.warning("%s of %s could not be finished yet", kind, row.key, exc_info=True)
        return looked_at

    async def _cancel(self, note: UnfinishedRow, orchestrations: Orchestrations) -> None:
        """Raise the cancel event, also on a run that is there only now."""
        raised = await orchestrations.raise_event(note.key, CANCEL_EVENT, note.data)
        if raised or await self._view_ended(note.key, orchestrations):
            await self.unfinished.remove("cancel", note.key)

    async def _finish(self, note: UnfinishedRow, orchestrations: Orchestrations) -> None:
        """Pay what a run owes that has ended without paying: terminated from outside, failed, or crashed."""
        row = await self.endings.runs.get(note.key)
        if row is None:
            await self.unfinished.remove("run", note.key)
            return
        view = await self._views(orchestrations).read(row)
        if view.outcome is None:
            return
        page = await self.endings.events.read(row.run_id, START, limit=1)
        completion = Completion(
            run_id=row.run_id,
            flow=row.flow,
            outcome_json=view.outcome.model_dump_json(),
            close_log=page.exists and not page.closed,
            owes=_debts(row),
            open_steps=False,
        )
        await self.endings.complete_run(completion, orchestrations)
        await self.unfinished.remove("run", note.key)

    async def _view_ended(self, run_id: str, orchestrations: Orchestrations) -> bool:
        row = await self.endings.runs.get(run_id)
        return row is None or (await self._views(orchestrations).read(row)).outcome is not None

    def _views(self, orchestrations: Orchestrations) -> RunViews:
        return RunViews(orchestrations, self.endings.outcomes, clock=self.clock, takeover=self.takeover)


def _debts(row: RunRow) -> list[Debt]:
    debts: list[Debt] = []
    if row.callback is not None:
        debts.append("callback")
    if row.conversation_id is not None:
        debts.append("conversation")
    return debts
