"""Rows of runs, outcomes and stop markers on a real Azurite."""

import asyncio
import time
from datetime import UTC, datetime

import pytest

from raincheck.adapters.outcomes import TableOutcomes
from raincheck.adapters.runs import TableRuns
from raincheck.adapters.stop_markers import TableStopMarkers
from raincheck.adapters.storage import CALL_LIMIT, Storage
from raincheck.errors import StorageUnavailable
from raincheck.models import CallbackRequest
from raincheck.outcomes import Outcome
from raincheck.service.runs import RunRow

NOBODY = "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=c2VjcmV0;" + "".join(
    f"{kind}Endpoint=http://127.0.0.1:9/a;" for kind in ("Blob", "Queue", "Table")
)


async def test_a_runs_row_comes_back_as_it_was_written(storage, run_id):
    """Status, callbacks and conversations all start from this row."""
    row = RunRow(
        run_id=run_id,
        flow="order_laptop",
        version=3,
        created_at=datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=UTC),
        conversation_id="19:a/b#c?d",
        principal="aad 0f0e",
        channel="teams",
        metadata={f"{n}\x00é": "\x01😀" * 256 for n in range(16)},
        callback=CallbackRequest(url="https://example.com/hook?sig=1"),
        targets={"chat": {"room": "né"}},
    )
    runs = TableRuns(storage)
    await runs.create(row)
    assert await runs.get(run_id) == row


async def test_a_row_without_options_comes_back_with_their_defaults(storage, run_id):
    """What wasn't given must not come back as something else."""
    row = RunRow(run_id=run_id, flow="f", version=1, created_at=datetime(2026, 11, 21, tzinfo=UTC))
    runs = TableRuns(storage)
    await runs.create(row)
    assert await runs.get(run_id) == row


async def test_creating_a_row_again_is_success(storage, run_id):
    """A retry after a lost answer meets its own row."""
    row = RunRow(run_id=run_id, flow="f", version=1, created_at=datetime(2026, 11, 21, tzinfo=UTC))
    runs = TableRuns(storage)
    await runs.create(row)
    await runs.create(row)
    assert await runs.get(run_id) == row


async def test_unknown_runs_have_no_row_no_outcome_and_no_markers(storage, run_id):
    """Nothing is created by looking."""
    assert await TableRuns(storage).get(run_id) is None
    assert await TableOutcomes(storage).get(run_id) is None
    assert not await TableStopMarkers(storage).stopped(run_id, 1)


@pytest.mark.parametrize("size", [10, 200_000], ids=["in-row", "in-blob"])
async def test_of_many_outcomes_at_once_one_stands(storage, run_id, size):
    """A run has one outcome whoever writes it, and all who wrote are told which."""
    outcomes = TableOutcomes(storage)
    offered = [Outcome.succeeded({"n": n, "text": "x" * size}) for n in range(12)]
    given = await asyncio.gather(*(outcomes.record(run_id, outcome) for outcome in offered))
    assert given[0] in offered
    assert all(outcome == given[0] for outcome in given)
    assert await outcomes.get(run_id) == given[0]


async def test_outcomes_that_lost_leave_no_blob(storage, run_id):
    """Results that nobody will read must not stay."""
    outcomes = TableOutcomes(storage)
    await outcomes.record(run_id, Outcome.succeeded("x" * 200_000))
    await outcomes.record(run_id, Outcome.succeeded("y" * 200_000))
    container = storage.container("raincheck-outcomes")
    assert len([blob async for blob in container.list_blobs(name_starts_with=f"{run_id}/")]) == 1


async def test_markers_name_exactly_their_steps(storage, run_id):
    """Steps scheduled later, clean-up included, must not see a marker."""
    markers = TableStopMarkers(storage)
    await markers.stop(run_id, [1, 3])
    await markers.stop(run_id, [3, 3])
    assert [await markers.stopped(run_id, step) for step in (1, 2, 3)] == [True, False, True]


async def test_hundreds_of_markers_at_once(storage, run_id):
    """A transaction holds 100; a fan-out may be wider."""
    markers = TableStopMarkers(storage)
    await markers.stop(run_id, range(250))
    assert await markers.stopped(run_id, 249)


async def test_a_sub_flow_has_rows_of_its_own(storage, run_id):
    """Its id holds a colon, which keys may."""
    await TableStopMarkers(storage).stop(f"{run_id}:1", [7])
    assert not await TableStopMarkers(storage).stopped(run_id, 7)


CALLS = {
    "read": lambda absent, run_id: TableRuns(absent).get(run_id),
    "write": lambda absent, run_id: TableStopMarkers(absent).stop(run_id, [1]),
    "blob": lambda absent, run_id: TableOutcomes(absent).record(run_id, Outcome.succeeded("x" * 200_000)),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_an_absent_storage_is_told_soon_and_without_its_address(run_id, call):
    """Callers get a 503 within seconds, and it tells them nothing of ours."""
    absent = Storage.from_connection_string(NOBODY)
    started = time.monotonic()
    with pytest.raises(StorageUnavailable, match=r"^(?!.*127\.0\.0\.1)"):
        await call(absent, run_id)
    assert time.monotonic() - started < CALL_LIMIT + 2
    await absent.close()


async def test_a_storage_that_never_answers_is_cut(run_id):
    """An open port behind which nobody answers must not hold a caller for a minute."""
    opened: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda reader, writer: opened.append(writer), "127.0.0.1", 0)
    address = server.sockets[0].getsockname()[1]
    silent = Storage.from_connection_string(NOBODY.replace(":9/", f":{address}/"))
    started = time.monotonic()
    with pytest.raises(StorageUnavailable):
        await TableRuns(silent).get(run_id)
    assert time.monotonic() - started < CALL_LIMIT + 2
    await silent.close()
    for writer in opened:
        writer.close()
        await writer.wait_closed()
    server.close()


async def test_each_event_loop_has_clients_of_its_own(azurite, run_id):
    """A worker may run a second loop in a thread; clients of another loop would hang it."""
    shared = Storage.from_connection_string(azurite)

    async def use() -> bool:
        known = await TableStopMarkers(shared).stopped(run_id, 1)
        await shared.close()
        return known

    assert await asyncio.gather(asyncio.to_thread(asyncio.run, use()), use()) == [False, False]
