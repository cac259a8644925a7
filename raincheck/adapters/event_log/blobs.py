"""The storage calls of an event log: append blobs `000000.jsonl`, `000001.jsonl`, … of a run."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from raincheck.adapters import schema
from raincheck.adapters.storage import Storage, sdk, within
from raincheck.errors import StorageUnavailable

if TYPE_CHECKING:
    from azure.storage.blob.aio import BlobClient, ContainerClient

__all__ = ["MAX_TRANSFER", "Appended", "LogBlobs", "Part", "Stored"]

MAX_TRANSFER = 1024 * 1024  # bytes of one read or append
_APPEND_LIMIT = 8.0  # seconds; a full append is a megabyte
_LEASE = 15  # seconds, the least there is
_MAX_OFFSET = 2**40  # no log is that long: such an offset is not worth a request
_UNSURE = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
_REFUSED = {HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED}


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes of a blob. `blocks` and `etag` are the blob's at that moment, unknown where nothing was there."""

    data: bytes
    sealed: bool = False
    etag: str = ""
    blocks: int | None = None


@dataclass(frozen=True, slots=True)
class Appended:
    """An append that certainly took place."""

    etag: str
    blocks: int


@dataclass(frozen=True, slots=True)
class Stored:
    """A blob of a log, as the container lists it."""

    index: int
    size: int
    sealed: bool


class LogBlobs:
    """The blobs of all logs. Reads raise StorageUnavailable; so does an append that can't ever succeed."""

    def __init__(self, storage: Storage, container: str = schema.EVENTS) -> None:
        self._storage = storage
        self._name = container

    async def create(self, run_id: str, index: int) -> None:
        """Create a blob unless it exists: without the condition an existing one would be emptied."""
        async with within():
            try:
                await self._create(run_id, index)
            except sdk.ResourceNotFoundError:
                with suppress(sdk.ResourceExistsError):  # another one was faster
                    await self._container.create_container()
                await self._create(run_id, index)

    async def append(
        self, run_id: str, index: int, data: bytes, position: int, *, lease: str | None = None
    ) -> Appended | None:
        """Append at exactly `position`. None: it is not known to have taken place, so look there."""
        async with within(_APPEND_LIMIT + 1):
            try:
                answer = await self._blob(run_id, index).append_block(
                    data,
                    appendpos_condition=position,
                    lease=lease,
                    retry_total=0,  # a retry would meet what a lost answer stored, and call it a conflict
                    read_timeout=_APPEND_LIMIT,
                )
            except sdk.HttpResponseError as error:
                status = error.status_code or HTTPStatus.INTERNAL_SERVER_ERROR
                if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _UNSURE | _REFUSED:
                    return None
                raise
            except sdk.AzureError:
                return None
        return Appended(str(answer["etag"]), int(str(answer["blob_committed_block_count"])))

    async def read(self, run_id: str, index: int, offset: int, length: int = MAX_TRANSFER) -> Part | None:
        """Read a range; None where there is no such blob, no bytes at its end or beyond."""
        if offset > _MAX_OFFSET:
            return Part(b"")
        async with within():
            try:
                download = await self._blob(run_id, index).download_blob(offset, min(length, MAX_TRANSFER))
                data = await download.readall()
            except sdk.ResourceNotFoundError:
                return None
            except sdk.HttpResponseError as error:
                if error.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                    return Part(b"")  # Azure at the very end; Azurite answers 206 without a byte
                raise
        properties = download.properties
        sealed = bool(properties.is_append_blob_sealed)
        return Part(data, sealed, str(properties.etag), properties.append_blob_committed_block_count)

    async def lease(self, run_id: str, index: int) -> str | None:
        """Keep every other writer off the blob for 15 s; None where another one does so already."""
        async with within():
            try:
                lease = await self._blob(run_id, index).acquire_lease(lease_duration=_LEASE)
            except sdk.HttpResponseError as error:
                if error.status_code in _REFUSED:
                    return None
                raise
            return lease.id

    async def release(self, run_id: str, index: int, lease: str) -> None:
        """Release a lease. A failure is nothing to tell: it ends by itself."""
        from azure.storage.blob.aio import BlobLeaseClient  # noqa: PLC0415 - imported with the client

        with suppress(StorageUnavailable):
            async with within():
                await BlobLeaseClient(self._blob(run_id, index), lease_id=lease).release()

    async def seal(self, run_id: str, index: int, etag: str, *, lease: str | None = None) -> bool:
        """Seal the blob as it was at `etag`; False where it changed since (sealing changes it too)."""
        async with within():
            try:
                await self._blob(run_id, index).seal_append_blob(
                    etag=etag, match_condition=sdk.MatchConditions.IfNotModified, lease=lease
                )
            except sdk.HttpResponseError as error:
                if error.status_code in _REFUSED:
                    return False
                raise
            return True

    async def list(self, run_id: str) -> Sequence[Stored]:
        """Return the blobs of a log in their order; none where there is no log."""
        async with within():
            try:
                return [
                    Stored(_index(blob.name), blob.size, bool(blob.is_append_blob_sealed))
                    async for blob in self._container.list_blobs(name_starts_with=f"{run_id}/")
                ]
            except sdk.ResourceNotFoundError:
                return []

    async def _create(self, run_id: str, index: int) -> None:
        with suppress(sdk.ResourceExistsError):
            await self._blob(run_id, index).create_append_blob(match_condition=sdk.MatchConditions.IfMissing)

    def _blob(self, run_id: str, index: int) -> "BlobClient":
        return self._container.get_blob_client(schema.event_blob(run_id, index))

    @property
    def _container(self) -> "ContainerClient":
        return self._storage.container(self._name)


def _index(name: str) -> int:
    return int(name.rpartition("/")[2].removesuffix(".jsonl"))
