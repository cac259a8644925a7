"""A table of Azure Tables: rows by partition and row key, created on its first need."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from azure.core import MatchConditions
from azure.core.exceptions import (
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
)

from adapters.storage import Storage, within

if TYPE_CHECKING:
    from azure.data.tables import TableEntity
    from azure.data.tables.aio import TableClient

__all__ = ["Row", "Table"]

Row = Mapping[str, Any]
_BATCH = 100  # operations that one transaction may hold


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
            except ResourceExistsError:
                return False
            return True

    async def get(self, partition: str, key: str) -> "TableEntity | None":
        """Give the row, or None; its ETag is in `metadata["etag"]`."""
        async with within():
            try:
                return await self._client.get_entity(partition, key)
            except ResourceNotFoundError:
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
                    match_condition=MatchConditions.IfNotModified,
                )
            except (ResourceModifiedError, ResourceNotFoundError):
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

    async def query(self, condition: str, **parameters: Any) -> AsyncIterator["TableEntity"]:
        """Give the rows that meet an OData condition; `@name` in it stands for a parameter."""
        pages = self._client.query_entities(condition, parameters=parameters).by_page()
        while True:
            async with within():
                try:
                    page = await anext(pages, None)
                except ResourceNotFoundError:
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
        """Give at most `limit` rows that meet the condition, and where to read on, or None at the end."""
        found: Any = self._client.query_entities(
            condition, parameters=dict(parameters), results_per_page=limit
        )
        pages = found.by_page(continuation_token=dict(start) if start else None)
        async with within():
            try:
                rows = [row async for row in await anext(pages)]
            except (ResourceNotFoundError, StopAsyncIteration):
                return [], None
        return rows, pages.continuation_token

    @property
    def _client(self) -> "TableClient":
        return self._storage.table(self._name)

    async def _write(self, call: "Callable[[TableClient], Awaitable[Any]]") -> None:
        """Make a call that needs the table, and once more after creating it."""
        try:
            await call(self._client)
        except HttpResponseError as error:
            if error.status_code != HTTPStatus.NOT_FOUND:  # transactions have a type of error of their own
                raise
            with suppress(ResourceExistsError):  # another one was faster
                await self._client.create_table()
            await call(self._client)


def _transaction(batch: Sequence[tuple[str, Row]]) -> "Callable[[TableClient], Awaitable[Any]]":
    return lambda table: table.submit_transaction(batch)
