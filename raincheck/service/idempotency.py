"""Start once: of all copies of a request under one key, one starts the run and the others find it.

docs/decisions has the record on it: which bound covers which crash.
"""

import asyncio
import math
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from raincheck.errors import RequestError, StorageUnavailable
from raincheck.outcomes import NOT_STARTED
from raincheck.service.keys import Copies, IdempotencyKey, IdempotencyKeys, KeyRow, KeyState
from raincheck.service.ports import Clock, Orchestrations, Outcomes
from raincheck.service.runs import RunRow, Runs
from raincheck.service.settings import Settings

__all__ = ["Claim", "ClaimLost", "Idempotency"]

LONGEST_KEPT = timedelta(hours=24)
_TRIES = 5  # races with others that a request bears before it is told to come back
_IN_PROGRESS = ("start_in_progress", "A request with this Idempotency-Key is starting its run.")
_YOUNG = 5.0  # seconds that a start hardly ever takes; after that, its starter is most likely gone


class ClaimLost(RequestError):
    """Another starter makes this very run: what was prepared for it is that one's now."""

    def __init__(self) -> None:
        super().__init__(409, *_IN_PROGRESS, retry_after=1)


@dataclass(slots=True)
class Claim:
    """A start that is this request's to make, as long as its writes succeed; without a key it always is.

    `run` is the row of the run to start, or, where `replayed`, of the one that a copy has started.
    """

    run: RunRow
    replayed: bool = False
    keys: IdempotencyKeys | None = None
    clock: Clock | None = None
    row: KeyRow | None = None

    @property
    def age(self) -> float:
        """Seconds since it was last written down; 0 without a key: nobody else can make this start."""
        if self.row is None or self.clock is None:
            return 0.0
        return (self.clock() - self.row.claimed_at).total_seconds()

    async def confirm(self) -> None:
        """Write down that Durable is asked now.

        Raises:
            ClaimLost: another starter has taken over.
        """
        if self.row is not None:
            written = await self._write("starting")
            if written is None:
                raise ClaimLost
            self.row = written

    async def started(self) -> None:
        """Write down that there is a run; where that fails, the next copy sees it by itself."""
        with suppress(StorageUnavailable):
            await self._write("started")

    async def release(self) -> None:
        """Write down that nothing was started; where that fails, copies wait for the takeover."""
        with suppress(StorageUnavailable):
            await self._write("released")

    async def _write(self, state: KeyState) -> KeyRow | None:
        if self.row is None or self.keys is None or self.clock is None:
            return None
        return await self.keys.put(replace(self.row, state=state, claimed_at=self.clock()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Idempotency:
    """Claims starts by their keys."""

    keys: IdempotencyKeys
    runs: Runs
    outcomes: Outcomes
    orchestrations: Orchestrations
    settings: Settings
    clock: Clock
    copies: Copies

    @asynccontextmanager
    async def claimed(self, key: IdempotencyKey | None, run: RunRow) -> AsyncIterator[Claim]:
        """Claim the start of `run` under `key`, or find the run that was started under it.

        Raises:
            RequestError: 409, it is being started by another request; 410, its run has been cleared away;
                422, the key was used for another request.
            StorageUnavailable: it can't be told, and nothing was started.
        """
        if key is None:
            yield Claim(run)
            return
        async with self.copies.turn(key.key):
            yield await self._claim(key, run)

    async def _claim(self, key: IdempotencyKey, run: RunRow) -> Claim:
        for _ in range(_TRIES):
            mine = self._fresh(key, run.run_id)
            written = await self.keys.put(mine)
            if written is not None:
                return await self._to_make(written, run)
            current = await self.keys.get(key.key)
            if current is None:
                continue  # it expired and was cleared away just now
            if current.expires_at > self.clock():
                decided = await self._decide(key, current, mine)
                if isinstance(decided, RunRow):
                    return Claim(decided, replayed=True)
                mine = decided
            written = await self.keys.put(replace(mine, etag=current.etag))
            if written is not None:
                return await self._to_make(written, run)
        raise ClaimLost

    async def _to_make(self, row: KeyRow, run: RunRow) -> Claim:
        claim = Claim(run, keys=self.keys, clock=self.clock, row=row)
        if row.run_id != run.run_id:  # of a starter that is gone
            try:
                claim.run = await self.runs.get(row.run_id) or replace(run, run_id=row.run_id)
            except BaseException:
                await asyncio.shield(claim.release())
                raise
        return claim

    async def _decide(self, key: IdempotencyKey, current: KeyRow, mine: KeyRow) -> KeyRow | RunRow:
        """Return the run that is there, or the row that claims a start which nobody makes any more."""
        if current.request != key.request:
            raise RequestError(
                422, "idempotency_key_reused", "This Idempotency-Key was used for another request."
            )
        again = replace(mine, run_id=current.run_id, expires_at=current.expires_at)
        if await self.orchestrations.status(current.run_id) is not None:
            if current.state != "started":
                with suppress(StorageUnavailable):
                    await self.keys.put(replace(current, state="started"))
            return await self._run_of(current)
        outcome = await self.outcomes.get(current.run_id)
        if outcome is not None and outcome.error is not None and outcome.error.code == NOT_STARTED:
            return replace(again, run_id=mine.run_id)  # others heard that the old one never ran: a new one
        if outcome is not None or current.state == "started":
            return await self._run_of(current, cleared=outcome is None)
        if current.state == "released":
            return again
        age = (self.clock() - current.claimed_at).total_seconds()
        left = self.settings.start_takeover - age
        if left > 0:
            raise RequestError(409, *_IN_PROGRESS, retry_after=1 if age < _YOUNG else math.ceil(left))
        return again

    async def _run_of(self, current: KeyRow, *, cleared: bool = False) -> RunRow:
        row = None if cleared else await self.runs.get(current.run_id)
        if row is None:
            raise RequestError(
                410, "run_gone", "The run of this Idempotency-Key has ended and was cleared away."
            )
        return row

    def _fresh(self, key: IdempotencyKey, run_id: str) -> KeyRow:
        now = self.clock()
        # Never longer than the run itself is kept: a key without its run would start it a second time.
        kept = min(LONGEST_KEPT, timedelta(days=self.settings.retention_days))
        return KeyRow(key.key, key.request, run_id, uuid.uuid4().hex, "claimed", now, now + kept)
