"""Clears away runs some days after their end: id by id, children first, the run itself last."""

import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from raincheck.errors import RaincheckError
from raincheck.service.completion import subflows_of
from raincheck.service.conversations import Conversations
from raincheck.service.keys import IdempotencyKeys
from raincheck.service.outbox import Outbox
from raincheck.service.ports import Clock, Orchestrations, Remains, Unfinished, UnfinishedRow
from raincheck.service.runs import RunIndex, RunRow
from raincheck.service.settings import Settings

__all__ = ["PURGE", "Retention"]

PURGE = "purge"
"""The kind of what the sweep finishes: runs whose row has gone and whose history is to go."""

_LOG = logging.getLogger("raincheck.retention")


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Clears away what ended longer ago than the settings say.

    A run with an open delivery or a dead letter stays. What a crash leaves half cleared goes next time.
    """

    index: RunIndex
    conversations: Conversations
    keys: IdempotencyKeys
    remains: Remains
    unfinished: Unfinished
    outbox: Outbox
    orchestrations: Orchestrations
    settings: Settings
    clock: Clock
    monotonic: Callable[[], float]

    async def clear(self, *, seconds: float) -> int:
        """Clear for at most this long; return how many runs went."""
        until = self.monotonic() + seconds
        cleared = 0
        await self.keys.clear(before=self.clock())
        limit = self.clock() - timedelta(days=self.settings.retention_days)
        for day in await self.index.days(before=f"{limit + timedelta(days=1):%Y%m%d}"):
            async for row in self._rows(day):
                if self.monotonic() > until:
                    return cleared
                try:
                    cleared += await self._clear(row, limit)
                except RaincheckError:
                    _LOG.warning("run %s could not be cleared away yet", row.run_id, exc_info=True)
        return cleared

    async def _rows(self, day: str) -> AsyncIterator[RunRow]:
        start: str | None = None
        while True:
            page = await self.index.page(day, start=start)
            for row in page.rows:
                yield row
            start = page.next
            if start is None:
                return

    async def _clear(self, row: RunRow, limit: datetime) -> bool:
        if row.created_at > limit:
            return False
        instance = await self.orchestrations.status(row.run_id)
        ended_at = row.created_at if instance is None else instance.updated_at
        if instance is not None and not instance.ended:
            return False
        if ended_at > limit or await self.outbox.holds(row):
            return False
        for run_id in [sub async for sub, _ in subflows_of(row.run_id, self.orchestrations)][::-1]:
            await self.orchestrations.purge(run_id)
            await self.remains.clear(run_id)
        for beside in [*await self.outbox.forget(row), f"{row.run_id}:end"]:
            await self.orchestrations.purge(beside)
        if row.conversation is not None:
            await self.conversations.forget(row.conversation, row.run_id)
        await self.remains.clear(row.run_id)
        # A row whose instance is gone would look like a run that was never started: the row goes first.
        await self.unfinished.add(PURGE, row.run_id)
        await self.index.delete(row.run_id)
        await self.resume(UnfinishedRow(PURGE, row.run_id, limit))
        return True

    async def resume(self, left: UnfinishedRow) -> None:
        """Delete the history of a run whose row has gone, and remove what stands for it."""
        await self.orchestrations.purge(left.key)
        await self.unfinished.remove(PURGE, left.key)
