"""Clearing away what a run leaves beside its row: state, large outcomes, event log."""

from contextlib import suppress

from typing_extensions import override

from raincheck.adapters import schema
from raincheck.adapters.storage import Storage, Table, sdk, within
from raincheck.service.ports import Remains

__all__ = ["BlobRemains"]


class BlobRemains(Remains):
    """Remains on Azure Tables and Blobs."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._table = Table(storage, schema.STATE)

    @override
    async def clear(self, run_id: str) -> None:
        """Delete the blobs, then the rows that point to them."""
        for container in (schema.EVENTS, schema.OUTCOMES):
            await self._clear_blobs(container, f"{run_id}/")
        rows = [row async for row in self._table.query("PartitionKey eq @run", run=run_id)]
        for row in rows:
            await self._table.delete(run_id, row["RowKey"])

    async def _clear_blobs(self, name: str, prefix: str) -> None:
        container = self._storage.container(name)
        async with within():
            try:
                names = [blob.name async for blob in container.list_blobs(name_starts_with=prefix)]
            except sdk.ResourceNotFoundError:
                return
        for blob in names:
            async with within():
                with suppress(sdk.ResourceNotFoundError):
                    await container.delete_blob(blob, delete_snapshots="include")
