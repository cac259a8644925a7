"""Starting a run: its row first, then the orchestration. After that nothing may look like a failure."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
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
    """A start that can be made. `input_json` is the text of the flow's input, defaults filled in."""

    flow: Flow[Any, Any]
    request: StartRequest
    input_json: str
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
        return CheckedStart(flow, request, _sealed(flow, request.input), profile, targets)

    async def start(
        self,
        checked: CheckedStart,
        *,
        base_url: str,
        key: IdempotencyKey | None = None,
        principal: str | None = None,
    ) -> Started:
        """Start a run; return its row.

        Where it can't be told whether the orchestration was started, the row is returned too: callers start
        again after an error, and there would be two. The status tells later: a run that Durable doesn't know
        after the start takeover has failed as `not_started`.

        Args:
            checked: what `check` made.
            base_url: what the URLs of deliveries, which no request brings, begin with.
            key: copies of the request under it start one run.
            principal: whose run it is, where callers can be told apart.

        Raises:
            RequestError: nothing was started: the key is in use, or the conversation doesn't take the run.
            StorageUnavailable: nothing was started.
        """
        with span("start", flow=checked.flow.name):
            async with self.idempotency.claimed(key, self._row(checked, base_url, principal)) as claim:
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

    def _row(self, checked: CheckedStart, base_url: str, principal: str | None) -> RunRow:
        now, request, flow = self.clock(), checked.request, checked.flow
        return RunRow(
            run_id=self.new_run_id(now),
            flow=flow.name,
            version=flow.version,
            created_at=now,
            conversation_id=request.conversation_id,
            principal=principal,
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
        entrant = _entrant_of(checked, run)
        entry: Entry | None = None
        # how each write is taken back, from before it is made: its answer may get lost
        undo: list[Callable[[], Awaitable[object]]] = []
        try:
            start = self._input(checked, run)
            # who can't enter leaves nothing
            plan = None if entrant is None else await self.turns.plan(entrant)
            if start.owes:  # the sweep pays them where the run's end is lost
                undo.append(partial(self.unfinished.remove, RUN, run.run_id))
                await self.unfinished.add(RUN, run.run_id, {"flow": run.flow})
            undo.append(partial(self._forget, claim))
            await self.runs.create(run)
            if entrant is not None and plan is not None:
                undo.append(partial(self.turns.withdraw, plan))
                entry = await self.turns.enter(entrant, plan)
                undo[-1] = partial(self.turns.withdraw, entry)
            since = self.monotonic()
            await claim.confirm()
            self._check_in_time(entry, since)
            waits = entry is not None and entry.turn.state == "waiting"
            payload = start.model_copy(update={"waits": waits}).dumped()
            ready = True
            yield payload, entry
        except ClaimLost:
            raise
        except BaseException as error:
            if not ready or isinstance(error, NothingStarted):
                await asyncio.shield(_take_back(claim, undo))
            raise

    def _check_in_time(self, entry: Entry | None, since: float) -> None:
        age = self.turns.age(entry) if entry else 0.0
        if max(age, self.monotonic() - since) > CERTAIN:
            raise NothingStarted("Too late to be certain that nobody else starts this run.")

    def _input(self, checked: CheckedStart, run: RunRow) -> RunInput:
        """Build the input of `run_flow`."""
        return RunInput(
            run_id=run.run_id,
            flow=run.flow,
            version=run.version,
            input_json=checked.input_json,
            owes=debts_of(run, self.channels.values()),
            grace=self.settings.cancel_grace,
        )

    async def _forget(self, claim: Claim) -> None:
        """Delete the row of a run, unless another copy of the request may be starting it by now."""
        if claim.age < CERTAIN:
            await self.index.delete(claim.run.run_id)

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


async def _take_back(claim: Claim, undo: Sequence[Callable[[], Awaitable[object]]]) -> None:
    """Take back what was written, as far as storage lets us: the last first, and the key when all is gone."""
    for step in reversed(undo):
        with suppress(StorageUnavailable):
            await step()
    await claim.release()


def _sealed(flow: Flow[Any, Any], value: Any) -> str:
    """Build the text that is kept of an input.

    Raises:
        RequestError: 422; it does not fit, or can't be JSON: a model may fill in an endless number.
    """
    try:
        return to_json(flow.input.carry(flow.input.parse_strictly(value)))
    except ValidationError as error:
        raise unfit(error, "input") from None
    except (ValueError, RecursionError):  # pydantic's errors of writing are ValueErrors
        _LOG.warning("an input of %s can't be JSON once its defaults are filled in", flow.name, exc_info=True)
        message = "The input can't be kept as JSON: it holds an endless number, or half a character."
        raise RequestError.invalid("input", message) from None


def _entrant_of(checked: CheckedStart, run: RunRow) -> Entrant | None:
    """Return what enters a conversation; None where the request names none."""
    if run.conversation is None:
        return None
    on_newer = checked.request.on_newer
    return Entrant(run.conversation, run.run_id, on_newer, checked.flow.on_newer or "finish")
