"""Writing event logs on a real Azurite: numbers, attempts, sizes, roll-over, several writers."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from raincheck.adapters.event_log.blobs import LogBlobs
from raincheck.adapters.schema import EVENTS
from raincheck.errors import LogClosed, PermanentError
from raincheck.events import Event
from tests.adapters.event_log.logs import DONE, delta, everything, texts

ROOT = Path(__file__).parents[3]


def writer_of(log, run_id, key="1", step="tell"):
    return log.writer(run_id, flow="tell_story", step=step, step_key=key, attempt=1)


async def test_a_log_begins_with_its_run_and_its_step(log, run_id):
    """Readers learn from the first lines whose log it is and which step speaks."""
    writer = writer_of(log, run_id)
    await writer.write(delta("a"))
    await writer.flush()
    events = await everything(log, run_id)
    assert [event.type for event in events] == ["run.started", "step.started", "output.text.delta"]
    assert events[0].fields["flow"] == "tell_story"
    assert events[1].fields.items() >= {"step": "tell", "attempt": 1}.items()
    assert events[2].fields.keys() == {"text", "step", "time"}


async def test_a_writer_that_is_not_used_stores_nothing(log, run_id):
    """Steps that don't emit cost no storage, and owe no terminal line."""
    writer = writer_of(log, run_id)
    await writer.flush()
    assert not writer.used
    assert await LogBlobs(log._blobs._storage).list(run_id) == []


async def test_a_redelivered_step_has_the_next_attempt(open_log, run_id):
    """Its input is the same as before; only the log knows."""
    for _ in range(3):
        writer = writer_of(open_log(), run_id)
        await writer.write(delta("x"))
        await writer.flush()
    events = await everything(open_log(), run_id)
    assert [event.fields["attempt"] for event in events if event.type == "step.started"] == [1, 2, 3]


async def test_each_call_of_a_step_counts_its_own_attempts(log, run_id):
    """Two calls of one step in a fan-out are both a first attempt, a sub-flow's too."""
    for run, key in ((run_id, "1"), (run_id, "2"), (f"{run_id}:1", "1"), (run_id, "2")):
        writer = writer_of(log, run, key)
        await writer.write(delta("x"))
        await writer.flush()
    events = await everything(log, run_id)
    assert [event.fields["attempt"] for event in events if event.type == "step.started"] == [1, 1, 1, 2]


async def test_data_can_not_pretend_to_be_a_line_of_ours(open_log, run_id):
    """What a step emits must change neither numbers nor attempts."""
    posing = '\n{"sequence_number":99,"type":"step.started","step_key":"#1"}\n'
    writer = writer_of(open_log(), run_id)
    await writer.write(Event("output.data", {"data": posing, "sequence_number": 7, "type": "run.failed"}))
    await writer.flush()
    again = writer_of(open_log(), run_id)
    await again.write(delta("x"))
    await again.flush()
    events = await everything(open_log(), run_id)
    assert events[2].fields["data"] == posing
    assert events[3].fields["attempt"] == 2


async def test_a_long_text_is_split_and_reads_the_same(log, run_id):
    """A model may give more in one piece than a line holds."""
    text = "😀\x00é\n" * 400_000
    writer = writer_of(log, run_id)
    await writer.write(delta(text))
    await writer.flush()
    assert "".join(texts(await everything(log, run_id))) == text


async def test_data_too_large_for_a_line_is_refused_with_the_limit(log, run_id):
    """Trying again won't help, and the author must learn what would."""
    writer = writer_of(log, run_id)
    with pytest.raises(PermanentError, match="262,144"):
        await writer.write(Event("output.data", {"data": "x" * 300_000}))
    assert not writer.used


@pytest.mark.parametrize("value", [float("nan"), object(), {1: object()}])
async def test_what_json_can_not_say_is_refused(log, run_id, value):
    """A line that no reader can read would end the log for everyone."""
    writer = writer_of(log, run_id)
    with pytest.raises(PermanentError, match="JSON"):
        await writer.write(Event("output.data", {"data": value}))


async def test_half_a_surrogate_pair_is_replaced(log, run_id):
    """Models that stream tokens cut characters in two; a page of events with a half in it is no UTF-8."""
    writer = writer_of(log, run_id)
    await writer.write(delta("\ud83d"))
    await writer.flush()
    assert texts(await everything(log, run_id)) == ["\ufffd"]


async def test_much_at_once_goes_out_in_order_and_in_few_appends(log, run_id):
    """Group commit: ten thousand events are not ten thousand appends."""
    writer = writer_of(log, run_id)
    for n in range(10_000):
        await writer.write(delta(str(n)))
    await writer.flush()
    part = await log._blobs.read(run_id, 0, 0, 10)
    assert part.blocks < 100
    assert texts(await everything(log, run_id)) == [str(n) for n in range(10_000)]


async def test_writers_of_one_process_share_one_append_in_flight(log, run_id):
    """A wide fan-out in one worker must not compete with itself."""

    async def produce(key: int) -> None:
        writer = writer_of(log, run_id, str(key))
        for n in range(40):
            await writer.write(delta(f"{key}:{n}"))
            await writer.flush()

    await asyncio.gather(*(produce(key) for key in range(16)))
    found = texts(await everything(log, run_id))
    for key in range(16):
        assert [text for text in found if text.startswith(f"{key}:")] == [f"{key}:{n}" for n in range(40)]


@pytest.mark.parametrize("max_blocks", [5_000, 4], ids=["one-blob", "rolling-over"])
async def test_writers_of_several_processes_lose_and_repeat_nothing(open_log, run_id, max_blocks):
    """Appends are conditional on their position, so that one of two at once is tried again."""

    async def produce(key: int) -> None:
        writer = writer_of(open_log(max_blocks=max_blocks), run_id, str(key))
        for n in range(25):
            await writer.write(delta(f"{key}:{n}"))
            await writer.flush()

    await asyncio.gather(*(produce(key) for key in range(4)))
    found = texts(await everything(open_log(), run_id))
    assert len(found) == 100
    for key in range(4):
        assert [text for text in found if text.startswith(f"{key}:")] == [f"{key}:{n}" for n in range(25)]


async def test_a_log_goes_on_in_another_blob(open_log, run_id):
    """A blob takes 50,000 blocks, a run may write more."""
    log = open_log(max_blocks=3)
    writer = writer_of(log, run_id)
    for n in range(10):
        await writer.write(delta(str(n)))
        await writer.flush()
    assert len(await log._blobs.list(run_id)) == 4
    assert texts(await everything(log, run_id, limit=2)) == [str(n) for n in range(10)]


async def test_a_roll_over_whose_writer_died_is_finished_by_the_next(open_log, run_id):
    """Between the line that says so and the next blob a process may end."""
    log = open_log(max_blocks=1)
    writer = writer_of(log, run_id)
    await writer.write(delta("a"))
    await writer.flush()
    await writer.write(delta("b"))
    await writer.flush()
    await log._blobs._blob(run_id, 1).delete_blob()
    assert texts(await everything(log, run_id)) == ["a"]
    again = writer_of(open_log(), run_id)
    await again.write(delta("c"))
    await again.flush()
    assert texts(await everything(log, run_id)) == ["a", "c"]


async def test_an_empty_blob_of_a_writer_that_died_is_used(log, run_id):
    """A first writer may end between creating the blob and its first line."""
    writer = writer_of(log, f"{run_id}", "0")
    await writer.write(delta("elsewhere"))  # creates the container, then the log goes
    await writer.flush()
    await log._blobs._blob(run_id, 0).delete_blob()
    await log._blobs.create(run_id, 0)
    fresh = type(log)(log._blobs._storage, log._clock)
    writer = writer_of(fresh, run_id)
    await writer.write(delta("a"))
    await writer.flush()
    assert texts(await everything(fresh, run_id)) == ["a"]


async def test_a_killed_writer_leaves_whole_lines_and_its_successor_goes_on(azurite, log, run_id):
    """SIGKILL at any moment loses only what was not yet stored, and no number."""
    program = f"""
import asyncio
from datetime import UTC, datetime
from raincheck.adapters.event_log import BlobEventLog
from raincheck.adapters.storage import Storage
from raincheck.events import Event

async def main():
    log = BlobEventLog(Storage.from_connection_string({azurite!r}), lambda: datetime.now(UTC))
    writer = log.writer({run_id!r}, flow="f", step="tell", step_key="1", attempt=1)
    n = 0
    while True:
        await writer.write(Event("output.text.delta", {{"text": f"a{{n}}"}}))
        n += 1
        if n == 50:
            await writer.flush()
            print("stored", flush=True)
        await asyncio.sleep(0)

asyncio.run(main())
"""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert await process.stdout.readline() == b"stored\n"
    os.kill(process.pid, signal.SIGKILL)
    await process.communicate()
    writer = writer_of(log, run_id)
    await writer.write(delta("b"))
    await writer.flush()
    events = await everything(log, run_id)
    found = texts(events)
    assert found[:50] == [f"a{n}" for n in range(50)]
    assert found[-1] == "b"
    assert [event.fields["attempt"] for event in events if event.type == "step.started"] == [1, 2]


async def test_a_closed_log_takes_no_more(open_log, run_id):
    """A step that outlives its run learns so, whether or not it wrote before."""
    writer = writer_of(open_log(), run_id)
    await writer.write(delta("a"))
    await writer.flush()
    await open_log().close(run_id, flow="f", terminal=DONE)
    await writer.write(delta("b"))
    with pytest.raises(LogClosed):
        await writer.flush()
    with pytest.raises(LogClosed):
        await writer.write(delta("c"))
    assert (await everything(open_log(), run_id))[-1].terminal


async def test_a_log_deleted_under_its_writer_takes_no_more(log, run_id):
    """Retention may come before a very late step; it must neither hang nor begin a log anew."""
    writer = writer_of(log, run_id)
    await writer.write(delta("a"))
    await writer.flush()
    await log._blobs._storage.container(EVENTS).delete_blob(f"{run_id}/000000.jsonl")
    await writer.write(delta("b"))
    with pytest.raises(LogClosed):
        await writer.flush()
