"""Start once: of all copies of a request under one key, one starts the run and the others find it.

docs/decisions has the record on it: which bound covers which crash.
"""

import math
import uuid
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeAlias

from raincheck.errors import RequestError, StorageUnavailable
from raincheck.outcomes import NOT_STARTED
from raincheck.service.idempotency import IdempotencyKey
from raincheck.service.ports import Orchestrations, RunRow
from raincheck.service.services import Services
from raincheck.service.starts import KeyRow, KeyState

__all__ = ["Claim", "ClaimLost", "claim"]

KEPT = timedelta(hours=24)
_TRIES = 5  # races with others that a request bears before it is told to come back
_IN_PROGRESS = ("start_in_progress", "A request with this Idempotency-Key is starting its run.")
_YOUNG = 5.0  # seconds that a start hardly ever takes; after that, its starter is most likely gone


class ClaimLost(RequestError):
    """Another starter makes this very run: what was prepared for it is that one's now."""

    def __init__(self) -> None:
        super().__init__(409, *_IN_PROGRESS, retry_after=1)


@dataclass(slots=True)
class Claim:
    """A start that is this request's to make, as long as its writes succeed."""

    services: Services
    row: KeyRow

    async def confirm(self) -> None:
        """Write down that Durable is asked now.

        Raises:
            ClaimLost: another starter has taken over.
        """
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
        row = replace(self.row, state=state, claimed_at=self.services.clock())
        return await self.services.keys.put(row)


_Found: TypeAlias = Claim | RunRow


async def claim(
    services: Services, orchestrations: Orchestrations, key: IdempotencyKey, run_id: str
) -> _Found:
    """Claim the start under `key` for a new run, or give the row of the run that was started under it.

    Raises:
        RequestError: 409, it is being started by another request; 410, its run has been cleared away;
            422, the key was used for another request.
        StorageUnavailable: it can't be told, and nothing was started.
    """
    for _ in range(_TRIES):
        mine = _fresh(services, key, run_id)
        written = await services.keys.put(mine)
        if written is not None:
            return Claim(services, written)
        found = await services.keys.get(key.key)
        if found is None:
            continue  # it expired and was cleared away just now
        if found.expires_at > services.clock():
            decided = await _decide(services, orchestrations, key, found, mine)
            if isinstance(decided, RunRow):
                return decided
            mine = decided
        written = await services.keys.put(replace(mine, etag=found.etag))
        if written is not None:
            return Claim(services, written)
    raise ClaimLost


async def _decide(
    services: Services, orchestrations: Orchestrations, key: IdempotencyKey, found: KeyRow, mine: KeyRow
) -> KeyRow | RunRow:
    """Return the run that is there, or the row that claims a start which nobody makes any more."""
    if found.request != key.request:
        raise RequestError(
            422, "idempotency_key_reused", "This Idempotency-Key was used for another request."
        )
    again = replace(mine, run_id=found.run_id, expires_at=found.expires_at)
    if await orchestrations.status(found.run_id) is not None:
        if found.state != "started":
            with suppress(StorageUnavailable):
                await services.keys.put(replace(found, state="started"))
        return await _row_of(services, found)
    outcome = await services.outcomes.get(found.run_id)
    if outcome is not None and outcome.error is not None and outcome.error.code == NOT_STARTED:
        return replace(again, run_id=mine.run_id)  # others were told that the old one never ran: a new one
    if outcome is not None or found.state == "started":
        return await _row_of(services, found, cleared=outcome is None)
    if found.state == "released":
        return again
    age = (services.clock() - found.claimed_at).total_seconds()
    left = services.settings.start_takeover - age
    if left > 0:
        raise RequestError(409, *_IN_PROGRESS, retry_after=1 if age < _YOUNG else math.ceil(left))
    return again


async def _row_of(services: Services, found: KeyRow, *, cleared: bool = False) -> RunRow:
    row = None if cleared else await services.runs.get(found.run_id)
    if row is None:
        raise RequestError(410, "run_gone", "The run of this Idempotency-Key has ended and was cleared away.")
    return row


def _fresh(services: Services, key: IdempotencyKey, run_id: str) -> KeyRow:
    now = services.clock()
    # Never longer than the run itself is kept: a key without its run would start it a second time.
    kept = min(KEPT, timedelta(days=services.settings.retention_days))
    return KeyRow(key.key, key.request, run_id, uuid.uuid4().hex, "claimed", now, now + kept)
