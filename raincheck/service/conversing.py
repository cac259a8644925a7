"""The start of a run that belongs to a conversation: it enters, and those that it interrupts are told."""

import logging
from dataclasses import dataclass

from raincheck.errors import StorageUnavailable
from raincheck.flow import Flow
from raincheck.models import StartRequest
from raincheck.payloads import CANCEL_EVENT
from raincheck.service.policies import Entrant, Entry
from raincheck.service.ports import Orchestrations
from raincheck.service.services import Services

__all__ = ["Conversing", "entrant_of"]

_LOG = logging.getLogger(__name__)


def entrant_of(request: StartRequest, flow: Flow[object, object], run_id: str) -> Entrant | None:
    """Return what enters; None where the request names no conversation."""
    if request.conversation_id is None:
        return None
    return Entrant(request.conversation_id, run_id, request.on_newer, flow.on_newer or "finish")


@dataclass(slots=True)
class Conversing:
    """One run's way into its conversation. `entry` is what was planned, then what was written."""

    services: Services
    orchestrations: Orchestrations
    entrant: Entrant
    entry: Entry

    @classmethod
    async def plan(cls, services: Services, orchestrations: Orchestrations, entrant: Entrant) -> "Conversing":
        """See whether it may enter, before anything is written.

        Raises:
            RequestError: 409, the conversation is busy; 429, too many of its runs are open.
        """
        entry = await services.turns.plan(entrant, orchestrations)
        return cls(services, orchestrations, entrant, entry)

    @property
    def waits(self) -> bool:
        """Whether the run waits for those before it."""
        return self.entry.turn.state == "waiting"

    @property
    def age(self) -> float:
        """Seconds since its turn was claimed: others take it for lost after the start takeover."""
        return (self.services.clock() - self.entry.turn.claimed_at).total_seconds()

    async def enter(self) -> None:
        """Write its turn. Raises as `plan` does, where others were faster."""
        self.entry = await self.services.turns.enter(self.entrant, self.entry, self.orchestrations)

    async def withdraw(self) -> None:
        """Take its turn back: the run was not started."""
        await self.services.turns.withdraw(self.entry, self.orchestrations)

    async def started(self) -> None:
        """Cancel what it interrupts, and the run itself where a newer one interrupted it meanwhile.

        Whoever interrupts first writes that, then raises the event; a starter first starts, then reads: one
        of the two always sees the other. Never fails: the run is there.
        """
        conversation_id, run_id = self.entrant.conversation_id, self.entrant.run_id
        try:
            for interrupted in self.entry.interrupts:
                await self._cancel(interrupted)
            if await self.services.turns.is_interrupted(conversation_id, run_id):
                await self._cancel(run_id)
        except StorageUnavailable:
            _LOG.warning("run %s: not all of its conversation could be told", run_id, exc_info=True)

    async def _cancel(self, run_id: str) -> None:
        """Cancel a run. Where it isn't there yet its own starter does so, or else the sweeper."""
        value = {"at": self.services.clock().isoformat()}
        await self.services.unfinished.add("cancel", run_id, value)
        if await self.orchestrations.raise_event(run_id, CANCEL_EVENT, value):
            await self.services.unfinished.remove("cancel", run_id)
