"""The rows of the runs day by day, and clearing away what a run leaves behind."""

from collections.abc import Sequence
from contextlib import suppress

from azure.core.exceptions import ResourceNotFoundError

from raincheck.adapters.event_log.blobs import EVENTS_CONTAINER
from raincheck.adapters.outcomes import OUTCOMES_CONTAINER, STATE_TABLE
from raincheck.adapters.page_tokens import continuation, continuation_text
from raincheck.adapters.runs import RUNS_TABLE, from_row
from raincheck.adapters.storage import Storage, within
from raincheck.adapters.tables import Table
from raincheck.run_ids import day_of
from raincheck.service.runs import RunPage

__all__ = ["BlobRemains", "TableRunIndex"]

MOST_DAYS = 100


class TableRunIndex:
    """Port RunIndex on Azure Tables."""

    def __init__(self, storage: Storage) -> None:
        self._table = Table(storage, RUNS_TABLE)

    async def page(self, day: str, *, start: str | None = None, limit: int = 100) -> RunPage:
        """Return rows of a day.

        Raises:
            RequestError: 422; `start` is not where another page ended.
        """
        rows, following = await self._table.page(
            "PartitionKey eq @day", {"day": day}, start=continuation(start), limit=limit
        )
        return RunPage([from_row(row) for row in rows], continuation_text(following))

    async def days(self, *, before: str) -> Sequence[str]:
        """Return the days that have rows, by leaping from one to the next."""
        found: list[str] = []
        condition, last = "PartitionKey gt @last and PartitionKey lt @before", ""
        while len(found) < MOST_DAYS:
            rows, _ = await self._table.page(condition, {"last": last, "before": before}, limit=1)
            if not rows:
                break
            last = rows[0]["PartitionKey"]
            found.append(last)
        return found

    async def delete(self, run_id: str) -> None:
        """Delete the row of a run."""
        await self._table.delete(day_of(run_id), run_id)


class BlobRemains:
    """Port Remains on Azure Tables and Blobs."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._table = Table(storage, STATE_TABLE)

    async def clear(self, run_id: str) -> None:
        """Delete the blobs, then the rows that point to them."""
        for container in (EVENTS_CONTAINER, OUTCOMES_CONTAINER):
            await self._clear_blobs(container, f"{run_id}/")
        rows = [row async for row in self._table.query("PartitionKey eq @run", run=run_id)]
        for row in rows:
            await self._table.delete(run_id, row["RowKey"])

    async def _clear_blobs(self, name: str, prefix: str) -> None:
        container = self._storage.container(name)
        async with within():
            try:
                names = [blob.name async for blob in container.list_blobs(name_starts_with=prefix)]
            except ResourceNotFoundError:
                return
        for blob in names:
            async with within():
                with suppress(ResourceNotFoundError):
                    await container.delete_blob(blob, delete_snapshots="include")
