"""Starting a run: its row first, then the orchestration. After that nothing may look like a failure."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from raincheck.errors import AlreadyStarted, NothingStarted, RequestError, StorageUnavailable
from raincheck.flow import Flow
from raincheck.models import StartRequest
from raincheck.payloads import RUN_FLOW, RunInput, to_json
from raincheck.service.cancel import Cancel
from raincheck.service.completion import RUN
from raincheck.service.deliveries import Channels, debts_of
from raincheck.service.idempotency import Claim, ClaimLost, Idempotency
from raincheck.service.instrumentation import span
from raincheck.service.keys import IdempotencyKey
from raincheck.service.policies import Entrant, Entry
from raincheck.service.ports import Clock, Orchestrations, Unfinished
from raincheck.service.runs import RunIndex, RunRow, Runs
from raincheck.service.settings import Settings
from raincheck.service.settings.profiles import Profile, profile_of
from raincheck.service.turns import Turns
from raincheck.shape import unfit

__all__ = ["CheckedStart", "StartRun", "Started"]

CERTAIN = 10.0  # seconds after its claims were written in which a start is asked for, or not at all
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CheckedStart:
    """A start that can be made. `input` is what the flow's shape parses, defaults filled in."""

    flow: Flow[Any, Any]
    request: StartRequest
    input: Any
    profile: Profile
    targets: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Started:
    """A run that is there. `replayed`: an earlier copy of the request had started it."""

    row: RunRow
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRun:
    """Starts runs: `check` before anything is written, then `start`."""

    runs: Runs
    index: RunIndex
    unfinished: Unfinished
    orchestrations: Orchestrations
    channels: Channels
    idempotency: Idempotency
    turns: Turns
    cancel: Cancel
    settings: Settings
    clock: Clock
    monotonic: Callable[[], float]
    new_run_id: Callable[[datetime], str]

    def check(self, flow: Flow[Any, Any], request: StartRequest) -> CheckedStart:
        """Check what a caller asks for.

        Raises:
            RequestError: 422; something in it does not fit.
        """
        profile = profile_of(request.channel)
        if request.callback is not None and profile.callbacks == "no":
            message = f"The channel {profile.name} takes no callbacks."
            errors = [{"path": "callback", "message": message}]
            raise RequestError(422, "callbacks_not_taken", message, errors=errors)
        targets = {name: channel.target_of(request) for name, channel in self.channels.items()}
        targets = {name: target for name, target in targets.items() if target is not None}
        try:
            value = flow.input.parse_strictly(request.input)
        except ValidationError as error:
            raise unfit(error, "input") from None
        return CheckedStart(flow, request, flow.input.carry(value), profile, targets)

    async def start(
        self, checked: CheckedStart, *, base_url: str, key: IdempotencyKey | None = None
    ) -> Started:
        """Start a run; return its row.

        Where it can't be told whether the orchestration was started, the row is returned too: callers start
        again after an error, and there would be two. The status tells later: a run that Durable doesn't know
        after the start takeover has failed as `not_started`.

        Args:
            checked: what `check` made.
            base_url: what the URLs of deliveries, which no request brings, begin with.
            key: copies of the request under it start one run.

        Raises:
            RequestError: nothing was started: the key is in use, or the conversation doesn't take the run.
            StorageUnavailable: nothing was started.
        """
        with span("start", flow=checked.flow.name):
            async with self.idempotency.claimed(key, self._row(checked, base_url)) as claim:
                if claim.replayed:
                    return Started(claim.run, replayed=True)
                certain = True
                async with self._prepared(checked, claim) as (payload, entry):
                    try:
                        await self.orchestrations.start(RUN_FLOW, claim.run.run_id, payload)
                    except AlreadyStarted:
                        _LOG.info("run %s was there already", claim.run.run_id)
                    except NothingStarted:
                        raise
                    except StorageUnavailable:
                        _LOG.warning(
                            "run %s: no word on whether it was started", claim.run.run_id, exc_info=True
                        )
                        certain = False
                if entry is not None:
                    await self._interrupt(entry)
                if certain:
                    await claim.started()
                return Started(claim.run)

    def _row(self, checked: CheckedStart, base_url: str) -> RunRow:
        now, request, flow = self.clock(), checked.request, checked.flow
        return RunRow(
            run_id=self.new_run_id(now),
            flow=flow.name,
            version=flow.version,
            created_at=now,
            conversation_id=request.conversation_id,
            channel=request.channel,
            metadata=request.metadata,
            callback=request.callback,
            base_url=base_url if request.callback or checked.targets else None,
            targets=checked.targets,
        )

    @asynccontextmanager
    async def _prepared(
        self, checked: CheckedStart, claim: Claim
    ) -> AsyncIterator[tuple[dict[str, Any], Entry | None]]:
        """Write what must be there before the run is; take it back where nothing was started.

        Raises:
            ClaimLost: another starter has taken over, and what was written is that one's now.
            NothingStarted: too late to be certain that nobody else starts the run.
        """
        run, ready = claim.run, False
        start = self._input(checked, run)
        entrant, entry = _entrant_of(checked, run), None
        try:
            plan = (
                None if entrant is None else await self.turns.plan(entrant)
            )  # who can't enter leaves nothing
            if start.owes:  # the sweep pays them where the run's end is lost
                await self.unfinished.add(RUN, run.run_id, {"flow": run.flow})
            await self.runs.create(run)
            if entrant is not None and plan is not None:
                entry = await self.turns.enter(entrant, plan)
            since = self.monotonic()
            await claim.confirm()
            self._check_in_time(entry, since)
            ready = True
            waits = entry is not None and entry.turn.state == "waiting"
            yield start.model_copy(update={"waits": waits}).dumped(), entry
        except ClaimLost:
            raise
        except BaseException as error:
            if not ready or isinstance(error, NothingStarted):
                await asyncio.shield(self._undo(claim, entry, owes=bool(start.owes)))
            raise

    def _check_in_time(self, entry: Entry | None, since: float) -> None:
        age = self.turns.age(entry) if entry else 0.0
        if max(age, self.monotonic() - since) > CERTAIN:
            raise NothingStarted("Too late to be certain that nobody else starts this run.")

    def _input(self, checked: CheckedStart, run: RunRow) -> RunInput:
        """Build the input of `run_flow`, before anything is written: what can't be JSON fails here."""
        return RunInput(
            run_id=run.run_id,
            flow=run.flow,
            version=run.version,
            input_json=to_json(checked.input),
            owes=debts_of(run, self.channels.values()),
            grace=self.settings.cancel_grace,
        )

    async def _undo(self, claim: Claim, entry: Entry | None, *, owes: bool) -> None:
        """Take back what was prepared, as far as storage lets us."""
        with suppress(StorageUnavailable):
            if entry is not None:
                await self.turns.withdraw(entry)
            if owes:
                await self.unfinished.remove(RUN, claim.run.run_id)
            if claim.row is None:  # else the next copy of the request starts this very run
                await self.index.delete(claim.run.run_id)
        await claim.release()

    async def _interrupt(self, entry: Entry) -> None:
        """Cancel what the run interrupts, and the run itself where a newer one interrupted it meanwhile.

        Whoever interrupts first writes that, then raises the event; a starter first starts, then reads: one
        of the two always sees the other. Never fails: the run is there.
        """
        run_id = entry.turn.run_id
        try:
            for interrupted in entry.interrupts:
                await self.cancel.send(interrupted)
            if await self.turns.is_interrupted(entry.conversation.id, run_id):
                await self.cancel.send(run_id)
        except StorageUnavailable:
            _LOG.warning("run %s: not all of its conversation could be told", run_id, exc_info=True)


def _entrant_of(checked: CheckedStart, run: RunRow) -> Entrant | None:
    """Return what enters a conversation; None where the request names none."""
    if run.conversation_id is None:
        return None
    on_newer = checked.request.on_newer
    return Entrant(run.conversation_id, run.run_id, on_newer, checked.flow.on_newer or "finish")
