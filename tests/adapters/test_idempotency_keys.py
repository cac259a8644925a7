"""The rows of the Idempotency-Keys on a real Azurite: one owner at a time, whoever is faster."""

import asyncio
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from raincheck.adapters.idempotency import TableIdempotencyKeys
from raincheck.service.keys import KeyRow

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
def starts(storage):
    return TableIdempotencyKeys(storage)


def row(**changes: object) -> KeyRow:
    fresh = KeyRow(
        key=uuid.uuid4().hex,
        request="r" * 64,
        run_id="20261121-" + "a" * 32,
        starter=uuid.uuid4().hex,
        state="claimed",
        claimed_at=NOW,
        expires_at=NOW + timedelta(days=1),
    )
    return replace(fresh, **changes)


async def test_a_row_comes_back_as_it_was_written(starts):
    """Its times decide who may start."""
    written = await starts.put(row())
    assert await starts.get(written.key) == written


async def test_an_unknown_key_has_no_row(starts):
    """Nothing is created by looking."""
    assert await starts.get("unknown") is None


async def test_of_fifty_copies_one_creates_the_row(starts):
    """The whole of start once rests on this."""
    key = uuid.uuid4().hex
    written = await asyncio.gather(*(starts.put(row(key=key)) for _ in range(50)))
    assert len([one for one in written if one]) == 1


async def test_of_many_claims_of_one_row_one_wins(starts):
    """Only the claimer starts."""
    first = await starts.put(row())
    claims = [replace(first, starter=uuid.uuid4().hex) for _ in range(10)]
    written = await asyncio.gather(*(starts.put(claim) for claim in claims))
    assert len([one for one in written if one]) == 1


async def test_a_write_whose_answer_was_lost_is_a_success(starts):
    """The SDK sends it again and meets its own row; that must not look like another starter's."""
    mine = row()
    first = await starts.put(mine)
    assert await starts.put(mine) == first


async def test_what_was_claimed_meanwhile_cannot_be_written(starts):
    """A starter that was slow learns that the run is no longer its own."""
    first = await starts.put(row())
    await starts.put(replace(first, starter="another"))
    assert await starts.put(replace(first, state="starting")) is None


async def test_only_expired_rows_are_cleared(starts):
    """A key that still stands must go on meaning its run."""
    old = await starts.put(row(expires_at=NOW - timedelta(hours=1)))
    young = await starts.put(row())
    assert await starts.clear(before=NOW) >= 1
    assert (await starts.get(old.key), await starts.get(young.key)) == (None, young)
