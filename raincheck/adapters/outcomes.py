"""The outcome rows. What is too large for a property goes to a blob first, and the row points to it."""

import uuid
from contextlib import suppress
from typing import TYPE_CHECKING

from typing_extensions import override

from raincheck.adapters import schema
from raincheck.adapters.storage import Row, Storage, Table, sdk, within
from raincheck.errors import StorageUnavailable
from raincheck.outcomes import Outcome
from raincheck.service.ports import Outcomes

if TYPE_CHECKING:
    from azure.storage.blob.aio import ContainerClient

__all__ = ["TableOutcomes"]

_IN_ROW = 60_000  # bytes; a binary property holds 64 KiB
_BLOB_LIMIT = 30.0  # seconds, since a result may be many megabytes


class TableOutcomes(Outcomes):
    """Outcomes on Azure Tables and Blobs."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._table = Table(storage, schema.STATE)

    @override
    async def record(self, run_id: str, outcome: Outcome) -> Outcome:
        content = outcome.model_dump_json().encode()
        blob = None if len(content) <= _IN_ROW else f"{run_id}/{uuid.uuid4().hex}.json"
        if blob is not None:
            await self._upload(blob, content)
        value = {"outcome": content} if blob is None else {"blob": blob}
        if await self._table.insert({"PartitionKey": run_id, "RowKey": schema.OUTCOME_ROW, **value}):
            return outcome
        standing = await self._table.get(run_id, schema.OUTCOME_ROW)
        if standing is None:
            raise StorageUnavailable("The outcome row vanished while it was read.")
        if blob is not None and standing.get("blob") != blob:
            await self._discard(blob)
        return await self._load(standing)

    @override
    async def get(self, run_id: str) -> Outcome | None:
        row = await self._table.get(run_id, schema.OUTCOME_ROW)
        return None if row is None else await self._load(row)

    async def _load(self, row: Row) -> Outcome:
        if "blob" not in row:
            return Outcome.model_validate_json(row["outcome"])
        async with within(_BLOB_LIMIT):
            download = await self._container.download_blob(row["blob"])
            return Outcome.model_validate_json(await download.readall())

    async def _upload(self, blob: str, content: bytes) -> None:
        async with within(_BLOB_LIMIT):
            for again in (True, False):
                try:
                    await self._container.upload_blob(blob, content, overwrite=True)
                except sdk.ResourceNotFoundError:
                    if not again:
                        raise
                    await self._create_container()
                else:
                    return

    async def _create_container(self) -> None:
        with suppress(sdk.ResourceExistsError):  # another one was faster
            await self._container.create_container()

    async def _discard(self, blob: str) -> None:
        """Delete what lost the race; a failure leaves an orphan for retention to find."""
        with suppress(StorageUnavailable):
            async with within():
                await self._container.delete_blob(blob)

    @property
    def _container(self) -> "ContainerClient":
        return self._storage.container(schema.OUTCOMES)
