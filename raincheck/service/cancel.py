"""Asking a run to stop: written down with its time, raised as an event, and then removed again."""

from dataclasses import dataclass

from raincheck.payloads import CANCEL_EVENT
from raincheck.service.ports import Clock, Orchestrations, Unfinished, UnfinishedRow
from raincheck.service.runs import RunRow, Runs
from raincheck.service.status import RunView, Status

__all__ = ["CANCEL", "Cancel"]

CANCEL = "cancel"
"""The kind of what the sweep finishes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """Cancels runs.

    One that is only just being started can't take the event: then what was written down stays, and the sweep
    raises it. So does what a crash leaves behind.
    """

    runs: Runs
    status: Status
    unfinished: Unfinished
    orchestrations: Orchestrations
    clock: Clock

    async def cancel(self, row: RunRow) -> RunView:
        """Cancel a run unless it has ended; return how it stands."""
        view = await self.status.read(row)
        if view.outcome is not None:
            return view
        if not await self.send(row.run_id):
            view = await self.status.read(row)  # it ended meanwhile, or isn't started yet
            if view.outcome is not None:
                await self.unfinished.remove(CANCEL, row.run_id)
        return view

    async def send(self, run_id: str) -> bool:
        """Tell a run to stop; False where it isn't there (yet), and the sweep will tell it."""
        value = {"at": self.clock().isoformat()}
        await self.unfinished.add(CANCEL, run_id, value)
        raised = await self.orchestrations.raise_event(run_id, CANCEL_EVENT, value)
        if raised:
            await self.unfinished.remove(CANCEL, run_id)
        return raised

    async def resume(self, left: UnfinishedRow) -> None:
        """Raise what a crash has swallowed, also on a run that is there only now."""
        raised = await self.orchestrations.raise_event(left.key, CANCEL_EVENT, left.data)
        if raised or await self._has_ended(left.key):
            await self.unfinished.remove(CANCEL, left.key)

    async def _has_ended(self, run_id: str) -> bool:
        row = await self.runs.get(run_id)
        return row is None or (await self.status.read(row)).outcome is not None
