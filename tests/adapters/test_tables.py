"""One table on a real Azurite: first need, conditions, queries."""

import asyncio
import uuid

import pytest

from raincheck.adapters.storage import Operation, Table


@pytest.fixture
def table(storage):
    """Give a table that doesn't exist yet."""
    return Table(storage, f"T{uuid.uuid4().hex}")


def row(key: str, **values: object) -> dict[str, object]:
    return {"PartitionKey": "p", "RowKey": key, **values}


async def test_the_first_inserts_create_the_table(table):
    """A new account works without a set-up step, however many start at once."""
    assert all(await asyncio.gather(*(table.insert(row(str(n))) for n in range(8))))


async def test_the_first_transaction_creates_the_table(table):
    """Its error for a missing table is of another type than an insert's."""
    await table.upsert([row("1"), row("2")])
    assert await table.get("p", "2") is not None


async def test_of_racing_inserts_of_one_key_one_wins(table):
    """Starting once and ending once rest on this."""
    assert sum(await asyncio.gather(*(table.insert(row("1", n=n)) for n in range(20)))) == 1


async def test_a_row_is_replaced_only_as_it_was_read(table):
    """Whoever read before a change must not undo it."""
    await table.insert(row("1", n=1))
    read = await table.get("p", "1")
    assert await table.replace(row("1", n=2), read.metadata["etag"])
    assert not await table.replace(row("1", n=3), read.metadata["etag"])


async def test_replacing_a_deleted_row_is_refused(table):
    """A claim on a row that retention took must fail, not bring it back."""
    await table.insert(row("1"))
    read = await table.get("p", "1")
    await table.delete("p", "1")
    assert not await table.replace(row("1"), read.metadata["etag"])


async def test_a_query_gives_what_meets_its_condition(table):
    """Parameters are values, never part of the condition."""
    await table.upsert([row("1", flow="a' or true"), row("2", flow="b")])
    found = [entity["RowKey"] async for entity in table.query("flow eq @flow", flow="a' or true")]
    assert found == ["1"]


async def test_a_query_of_a_missing_table_is_empty(table):
    """Looking creates nothing and fails nothing."""
    assert [entity async for entity in table.query("PartitionKey eq @p", p="p")] == []


async def test_a_transaction_with_one_failed_condition_changes_nothing(table):
    """A conversation's pointer and its turns move together or not at all."""
    await table.insert(row("1", n=1))
    done = await table.transact([Operation("create", row("2")), Operation("update", row("1", n=2), 'W/"x"')])
    assert (done, await table.get("p", "2")) == (False, None)


async def test_a_transaction_replaces_creates_and_deletes_as_read(table):
    """All three in one, each under its own condition."""
    await table.upsert([row("1", n=1), row("2")])
    etags = {entity["RowKey"]: entity.metadata["etag"] for entity in [await table.get("p", k) for k in "12"]}
    done = await table.transact(
        [
            Operation("update", row("1", n=2), etags["1"]),
            Operation("delete", row("2"), etags["2"]),
            Operation("create", row("3")),
        ]
    )
    assert done
    assert [entity["RowKey"] async for entity in table.query("PartitionKey eq 'p'")] == ["1", "3"]


async def test_a_transaction_on_a_deleted_row_is_refused(table):
    """Its error is that of a missing table, and must not be taken for it."""
    await table.insert(row("1"))
    read = await table.get("p", "1")
    await table.delete("p", "1")
    assert not await table.transact([Operation("update", row("1"), read.metadata["etag"])])


async def test_a_row_that_changed_is_not_deleted(table):
    """Whoever clears away must not take what was renewed meanwhile."""
    await table.insert(row("1", n=1))
    read = await table.get("p", "1")
    await table.replace(row("1", n=2), read.metadata["etag"])
    assert not await table.delete_as_read(read)
