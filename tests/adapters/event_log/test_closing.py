"""Closing event logs on a real Azurite: one terminal line, sealed, whoever does it and how often."""

import asyncio

import pytest

from raincheck.errors import LogClosed
from raincheck.events import Event, Position
from tests.adapters.event_log.logs import DONE, Wire, delta, everything, is_seal, texts


async def sealed(log, run_id):
    return (await log._blobs.list(run_id))[-1].sealed


async def test_a_run_without_a_log_gets_its_two_lines(log, run_id):
    """A log is owed where any attempt may have written: then it must be there at the end."""
    await log.close(run_id, flow="tell_story", terminal=Event("run.failed", {"error": {"code": "c"}}))
    events = await everything(log, run_id)
    assert [(event.type, event.sequence_number) for event in events] == [
        ("run.started", 0),
        ("run.failed", 1),
    ]
    assert events[0].fields["flow"] == "tell_story"
    assert await sealed(log, run_id)


async def test_closing_again_changes_nothing(log, run_id):
    """`complete_run` may run twice, and the first outcome stands."""
    await log.close(run_id, flow="f", terminal=DONE)
    await log.close(run_id, flow="f", terminal=Event("run.failed", {}))
    assert [event.type for event in await everything(log, run_id)] == ["run.started", "run.succeeded"]


async def test_many_at_once_leave_one_terminal_line(open_log, run_id):
    """Readers that meet an ended run and an open log all close it."""
    await asyncio.gather(*(open_log().close(run_id, flow="f", terminal=DONE) for _ in range(8)))
    assert [event.type for event in await everything(open_log(), run_id)] == ["run.started", "run.succeeded"]


async def test_a_terminal_line_without_a_seal_is_healed(open_log, run_id):
    """A process may end between the two."""
    log = open_log(Wire(lambda request: "request" if is_seal(request) else None), write_limit=0.2)
    with pytest.raises(Exception, match="Storage"):
        await log.close(run_id, flow="f", terminal=DONE)
    whole = open_log()
    assert not await sealed(whole, run_id)
    await whole.close(run_id, flow="f", terminal=DONE)
    assert await sealed(whole, run_id)
    assert len(await everything(whole, run_id)) == 2


async def test_a_close_among_writers_is_the_last_line(open_log, run_id):
    """Whatever a step still writes, nothing comes after the terminal event."""
    writers = [
        open_log(max_blocks=6).writer(run_id, flow="f", step="tell", step_key=str(key), attempt=1)
        for key in range(3)
    ]

    async def write(writer) -> int:
        stored = 0
        try:
            while True:
                await writer.write(delta("x"))
                await writer.flush()
                stored += 1
        except LogClosed:
            return stored

    async def close() -> int:
        while not (await open_log().read(run_id, Position(30), limit=1)).events:
            pass
        await open_log().close(run_id, flow="f", terminal=DONE)
        return 0

    stored = await asyncio.gather(*(write(writer) for writer in writers), close())
    events = await everything(open_log(), run_id)
    assert events[-1].terminal
    assert len(texts(events)) == sum(stored)


async def test_a_close_wins_against_a_writer_that_is_always_faster(open_log, run_id):
    """A step that never pauses would keep its run's log open until the close gives up."""
    log = open_log(write_limit=5.0)
    rival = open_log().writer(run_id, flow="f", step="tell", step_key="1", attempt=1)
    append, conflicts = log._blobs.append, 0

    async def beaten(*given, lease=None):
        nonlocal conflicts
        if lease is None:
            conflicts += 1
            await rival.write(delta("x"))
            await rival.flush()
        return await append(*given, lease=lease)

    log._blobs.append = beaten
    await log.close(run_id, flow="f", terminal=DONE)
    assert (await everything(open_log(), run_id))[-1].terminal
    assert conflicts == 3


async def test_a_log_that_was_to_go_on_in_another_blob_is_closed_there(open_log, run_id):
    """Roll-over lines end blobs, not logs."""
    log = open_log(max_blocks=1)
    writer = log.writer(run_id, flow="f", step="tell", step_key="1", attempt=1)
    for text in "ab":
        await writer.write(delta(text))
        await writer.flush()
    await log._blobs._blob(run_id, 1).delete_blob()
    await open_log().close(run_id, flow="f", terminal=DONE)
    assert [event.type for event in await everything(log, run_id)][-2:] == [
        "output.text.delta",
        "run.succeeded",
    ]


@pytest.mark.parametrize("blob", [0, 1])
async def test_an_empty_last_blob_is_closed(open_log, run_id, blob):
    """Whoever created it died before its first line."""
    log = open_log(max_blocks=1)
    if blob == 1:
        writer = log.writer(run_id, flow="f", step="tell", step_key="1", attempt=1)
        for text in "ab":
            await writer.write(delta(text))
            await writer.flush()
        await log._blobs._blob(run_id, 1).delete_blob()
    await log._blobs.create(run_id, blob)
    await open_log().close(run_id, flow="f", terminal=DONE)
    assert (await everything(log, run_id))[-1].terminal


async def test_a_result_too_large_for_a_line_is_left_out(log, run_id):
    """The status document has it; the log must close all the same."""
    await log.close(run_id, flow="f", terminal=Event("run.succeeded", {"result": "x" * 2_000_000}))
    last = (await everything(log, run_id))[-1]
    assert (last.fields["result"], last.fields["result_omitted"]) == (None, True)


async def test_a_sub_flow_closes_nothing(log, run_id):
    """Its events stand in its root run's log, which goes on."""
    with pytest.raises(ValueError, match="sub-flow"):
        await log.close(f"{run_id}:1", flow="f", terminal=DONE)
