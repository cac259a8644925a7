"""A table of Azure Tables: rows by partition and row key, created on its first need."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from raincheck.adapters.storage import sdk
from raincheck.adapters.storage.clients import Storage
from raincheck.adapters.storage.limits import within

if TYPE_CHECKING:
    from azure.data.tables import TableEntity
    from azure.data.tables.aio import TableClient

__all__ = ["Operation", "Row", "Table"]

T = TypeVar("T")
Row = Mapping[str, Any]
_BATCH = 100  # operations that one transaction may hold
_NOT_AS_EXPECTED = {HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED}


@dataclass(frozen=True, slots=True)
class Operation:
    """A part of a transaction: create the row, or replace or delete it as it was read."""

    kind: Literal["create", "update", "delete"]
    row: Row
    etag: str = ""

    def as_sdk(self) -> tuple[Any, ...]:
        """Return the form that the SDK takes."""
        if self.kind == "create":
            return self.kind, dict(self.row)
        condition = {"etag": self.etag, "match_condition": sdk.MatchConditions.IfNotModified}
        return self.kind, dict(self.row), condition | ({"mode": "replace"} if self.kind == "update" else {})


class Table:
    """One table. Slashes, backslashes, `#` and `?` are not allowed in keys: hash what others choose.

    Every method raises StorageUnavailable where storage doesn't answer within its limit.
    """

    def __init__(self, storage: Storage, name: str) -> None:
        self._storage = storage
        self._name = name

    async def insert(self, row: Row) -> bool:
        """Create the row; False where its key is taken (after a lost answer perhaps by this very row)."""
        async with within():
            try:
                await self._write(lambda table: table.create_entity(dict(row)))
            except sdk.ResourceExistsError:
                return False
            return True

    async def get(self, partition: str, key: str) -> "TableEntity | None":
        """Return the row, or None; its ETag is in `metadata["etag"]`."""
        async with within():
            try:
                return await self._client.get_entity(partition, key)
            except sdk.ResourceNotFoundError:
                return None

    async def replace(self, row: Row, etag: str) -> bool:
        """Replace the row as it was read; False where it was changed or deleted since."""
        from azure.data.tables import UpdateMode  # noqa: PLC0415 - imported with the client, not before

        async with within():
            try:
                await self._client.update_entity(
                    dict(row),
                    mode=UpdateMode.REPLACE,
                    etag=etag,
                    match_condition=sdk.MatchConditions.IfNotModified,
                )
            except (sdk.ResourceModifiedError, sdk.ResourceNotFoundError):
                return False
            return True

    async def put(self, row: Row, etag: str | None) -> str | None:
        """Create the row (no ETag), or replace it as it was read; return its ETag, None if too late."""
        from azure.data.tables import UpdateMode  # noqa: PLC0415 - as above

        async def write(table: "TableClient") -> str:
            if etag is None:
                written = await table.create_entity(dict(row))
            else:
                written = await table.update_entity(
                    dict(row),
                    mode=UpdateMode.REPLACE,
                    etag=etag,
                    match_condition=sdk.MatchConditions.IfNotModified,
                )
            return str(written["etag"])

        async with within():
            try:
                return await (self._write(write) if etag is None else write(self._client))
            except (sdk.ResourceExistsError, sdk.ResourceModifiedError, sdk.ResourceNotFoundError):
                return None

    async def transact(self, operations: Sequence[Operation]) -> bool:
        """Do all of it or nothing: at most 100, of one partition; False where a row is not as expected."""
        async with within():
            try:
                await self._write(_transaction([operation.as_sdk() for operation in operations]))
            except sdk.HttpResponseError as error:
                if error.status_code not in _NOT_AS_EXPECTED:
                    raise
                return False
            return True

    async def upsert(self, rows: Sequence[Row]) -> None:
        """Write the rows, all of one partition, whatever was there; up to 100 are one transaction."""
        for start in range(0, len(rows), _BATCH):
            batch = [("upsert", dict(row)) for row in rows[start : start + _BATCH]]
            async with within():
                await self._write(_transaction(batch))

    async def delete(self, partition: str, key: str) -> None:
        """Delete the row; nothing happens where it is unknown."""
        async with within():
            await self._client.delete_entity(partition, key)

    async def delete_as_read(self, row: "TableEntity") -> bool:
        """Delete a row as it was read; False where it was changed or deleted since."""
        async with within():
            try:
                await self._client.delete_entity(
                    row, etag=row.metadata["etag"], match_condition=sdk.MatchConditions.IfNotModified
                )
            except (sdk.ResourceModifiedError, sdk.ResourceNotFoundError):
                return False
            return True

    async def query(self, condition: str, **parameters: Any) -> AsyncIterator["TableEntity"]:
        """Return the rows that meet an OData condition; `@name` in it stands for a parameter."""
        pages = self._client.query_entities(condition, parameters=parameters).by_page()
        while True:
            async with within():
                try:
                    page = await anext(pages, None)
                except sdk.ResourceNotFoundError:
                    page = None
                rows = [row async for row in page] if page is not None else None
            if rows is None:
                return
            for row in rows:
                yield row

    async def page(
        self,
        condition: str,
        parameters: Mapping[str, Any],
        *,
        start: Mapping[str, Any] | None = None,
        limit: int,
    ) -> "tuple[list[TableEntity], dict[str, Any] | None]":
        """Return at most `limit` rows that meet the condition, and where to read on, or None at the end."""
        query: Any = self._client.query_entities(
            condition, parameters=dict(parameters), results_per_page=limit
        )
        pages = query.by_page(continuation_token=dict(start) if start else None)
        async with within():
            try:
                rows = [row async for row in await anext(pages)]
            except (sdk.ResourceNotFoundError, StopAsyncIteration):
                return [], None
        return rows, pages.continuation_token

    @property
    def _client(self) -> "TableClient":
        return self._storage.table(self._name)

    async def _write(self, call: "Callable[[TableClient], Awaitable[T]]") -> T:
        """Make a call that needs the table, and once more after creating it."""
        try:
            return await call(self._client)
        except sdk.HttpResponseError as error:
            if error.status_code != HTTPStatus.NOT_FOUND:  # transactions have a type of error of their own
                raise
            with suppress(sdk.ResourceExistsError):  # another one was faster
                await self._client.create_table()
            return await call(self._client)


def _transaction(batch: Sequence[tuple[Any, ...]]) -> "Callable[[TableClient], Awaitable[Any]]":
    return lambda table: table.submit_transaction(batch)
