"""Starting a run: its row first, then the orchestration. After that nothing may look like a failure."""

import logging
from contextlib import suppress
from dataclasses import dataclass, replace

from raincheck.errors import AlreadyStarted, NothingStarted, RequestError, StorageUnavailable
from raincheck.payloads import RUN_FLOW, Debt, RunInput, to_json
from raincheck.service.conversing import Conversing, entrant_of
from raincheck.service.ports import Orchestrations, RunRow
from raincheck.service.services import Services
from raincheck.service.start_once import Claim, ClaimLost, claim
from raincheck.service.start_request import CheckedStart

__all__ = ["Started", "start"]

_LOG = logging.getLogger(__name__)
CERTAIN = 10.0  # seconds after its claims were written in which a start is asked for, or not at all


@dataclass(frozen=True, slots=True)
class Started:
    """A run that is there. `replayed`: an earlier copy of the request had started it."""

    row: RunRow
    replayed: bool = False


async def start(
    services: Services, orchestrations: Orchestrations, checked: CheckedStart, base_url: str
) -> Started:
    """Start a run and give its row. The URLs of a callback, which no request brings, begin with `base_url`.

    Where it can't be told whether the orchestration was started, the row is given too: callers start again
    after an error, and there would be two. The status tells later: a run that Durable doesn't know after the
    start takeover has failed as `not_started`.

    Raises:
        RequestError: nothing was started: the key is in use, or the conversation doesn't take the run.
        StorageUnavailable: nothing was started.
    """
    row = _row(services, checked, base_url)
    if checked.key is None:
        return await _start(services, orchestrations, checked, row, None)
    async with services.copies.turn(checked.key.key):
        found = await claim(services, orchestrations, checked.key, row.run_id)
        if isinstance(found, RunRow):
            return Started(found, replayed=True)
        if found.row.run_id != row.run_id:  # of a starter that is gone
            row = await services.runs.get(found.row.run_id) or replace(row, run_id=found.row.run_id)
        return await _start(services, orchestrations, checked, row, found)


async def _start(
    services: Services, orchestrations: Orchestrations, checked: CheckedStart, row: RunRow, held: Claim | None
) -> Started:
    start = _Start(services, orchestrations, checked, row, held)
    try:
        await start.prepare()
        certain = await start.ask()
    except ClaimLost:  # what was prepared is another's now
        raise
    except (RequestError, StorageUnavailable):
        await start.undo()
        raise
    if start.conversing is not None:
        await start.conversing.started()
    if certain and held is not None:
        await held.started()
    return Started(row)


@dataclass(slots=True)
class _Start:
    """One start on its way: prepared, asked for, or undone."""

    services: Services
    orchestrations: Orchestrations
    checked: CheckedStart
    row: RunRow
    held: Claim | None
    conversing: Conversing | None = None

    @property
    def owes(self) -> list[Debt]:
        debts: list[Debt] = []
        if self.row.callback is not None:
            asks = "run.input_required" in self.row.callback.events
            debts += ["callback", "input_callback"] if asks else ["callback"]
        if self.row.conversation_id is not None:
            debts.append("conversation")
        return debts

    async def prepare(self) -> None:
        """Write what must be there before the run is. Nothing is started where this fails."""
        entrant = entrant_of(self.checked.request, self.checked.flow, self.row.run_id)
        conversing = None
        if entrant is not None:  # whoever can't enter leaves nothing behind
            conversing = await Conversing.plan(self.services, self.orchestrations, entrant)
        if self.owes:  # the sweeper pays them where the run's end is lost
            await self.services.unfinished.add("run", self.row.run_id, {"flow": self.row.flow})
        await self.services.runs.create(self.row)
        if conversing is not None:
            await conversing.enter()
            self.conversing = conversing

    async def ask(self) -> bool:
        """Start the orchestration; tell whether it is certain that it was.

        Raises:
            ClaimLost: another starter has taken over.
            StorageUnavailable: nothing was started.
        """
        row = self.row
        payload = RunInput(
            run_id=row.run_id,
            flow=row.flow,
            version=row.version,
            input_json=to_json(self.checked.input),
            owes=self.owes,
            grace=self.services.settings.cancel_grace,
            waits=self.conversing is not None and self.conversing.waits,
        ).dumped()
        since = self.services.monotonic()
        if self.held is not None:
            await self.held.confirm()
        age = 0.0 if self.conversing is None else self.conversing.age
        if max(age, self.services.monotonic() - since) > CERTAIN:
            raise NothingStarted("Too late to be certain that nobody else starts this run.")
        try:
            await self.orchestrations.start(RUN_FLOW, row.run_id, payload)
        except AlreadyStarted:
            _LOG.info("run %s was there already", row.run_id)
        except NothingStarted:
            raise
        except StorageUnavailable:
            _LOG.warning("run %s: no word on whether it was started", row.run_id, exc_info=True)
            return False
        return True

    async def undo(self) -> None:
        """Take back what was prepared, as far as storage lets us."""
        with suppress(StorageUnavailable):
            if self.conversing is not None:
                await self.conversing.withdraw()
            if self.owes:
                await self.services.unfinished.remove("run", self.row.run_id)
            if self.held is None:  # else the next copy of the request starts this very run
                await self.services.index.delete(self.row.run_id)
        if self.held is not None:
            await self.held.release()


def _row(services: Services, checked: CheckedStart, base_url: str) -> RunRow:
    now = services.clock()
    request, flow = checked.request, checked.flow
    return RunRow(
        run_id=services.new_run_id(now),
        flow=flow.name,
        version=flow.version,
        created_at=now,
        conversation_id=request.conversation_id,
        channel=request.channel,
        metadata=request.metadata,
        callback=request.callback,
        base_url=base_url if request.callback else None,
    )
