"""Event logs over a wire that loses requests and answers: nothing is missing, nothing is there twice."""

import random
import time

import pytest

from raincheck.errors import StorageUnavailable
from tests.adapters.event_log.logs import DONE, Wire, delta, everything, is_append, is_seal, texts


def writer_of(log, run_id, key="1"):
    return log.writer(run_id, flow="tell_story", step="tell", step_key=key, attempt=1)


@pytest.mark.parametrize("fate", ["request", "answer"])
@pytest.mark.parametrize("max_blocks", [5_000, 2], ids=["one-blob", "rolling-over"])
async def test_every_second_append_is_lost(open_log, run_id, fate, max_blocks):
    """A lost answer is found in the log, a lost request is sent again: the same bytes either way."""
    turn = iter(range(10_000))
    wire = Wire(lambda request: fate if is_append(request) and next(turn) % 2 == 0 else None)
    writer = writer_of(open_log(wire, max_blocks=max_blocks), run_id)
    for n in range(12):
        await writer.write(delta(str(n)))
        await writer.flush()
    assert wire.lost > 5
    assert texts(await everything(open_log(), run_id)) == [str(n) for n in range(12)]


async def test_reads_that_fail_after_a_lost_answer_do_not_make_it_twice(open_log, run_id):
    """The look at the log may fail too; what was sent must be remembered until it succeeds."""
    fates = iter([None, "answer", *["request"] * 3])  # the first append passes, then an outage begins

    def fate(request):
        return next(fates, None) if is_append(request) or request.method == "GET" else None

    log = open_log(Wire(lambda request: None))
    writer = writer_of(log, run_id)
    await writer.write(delta("0"))
    await writer.flush()
    log._blobs._storage._policies[0].fate = fate
    for n in (1, 2):
        await writer.write(delta(str(n)))
        await writer.flush()
    assert texts(await everything(open_log(), run_id)) == ["0", "1", "2"]


async def test_a_lost_answer_to_a_roll_over_line_loses_no_event(open_log, run_id):
    """That line was stored, the events that follow it were not even sent."""
    fates = iter(["answer", *["request"] * 3])
    log = open_log(Wire(lambda request: None), max_blocks=1)
    writer = writer_of(log, run_id)
    await writer.write(delta("0"))
    await writer.flush()
    log._blobs._storage._policies[0].fate = lambda request: (
        next(fates, None) if is_append(request) or request.method == "GET" else None
    )
    await writer.write(delta("1"))
    await writer.flush()
    assert texts(await everything(open_log(), run_id)) == ["0", "1"]


@pytest.mark.parametrize("seed", range(4))
async def test_two_writers_on_bad_wires(open_log, run_id, seed):
    """Conflicts and losses mixed, rolling over as well."""
    chance = random.Random(seed)
    writers = []
    for key in "ab":
        wire = Wire(
            lambda request: chance.choice(["request", "answer", None, None]) if is_append(request) else None
        )
        writers.append((key, writer_of(open_log(wire, max_blocks=5), run_id, key)))
    for n in range(15):
        for key, writer in writers:
            await writer.write(delta(f"{key}{n}"))
    for _, writer in writers:
        await writer.flush()
    found = texts(await everything(open_log(), run_id))
    for key in "ab":
        assert [text for text in found if text[0] == key] == [f"{key}{n}" for n in range(15)]


@pytest.mark.parametrize("what", [is_append, is_seal], ids=["append", "seal"])
@pytest.mark.parametrize("fate", ["request", "answer"])
async def test_closing_over_a_bad_wire_leaves_one_terminal_line(open_log, run_id, what, fate):
    """The end of a run is told once."""
    turn = iter(range(100))
    wire = Wire(lambda request: fate if what(request) and next(turn) == 0 else None)
    await open_log(wire).close(run_id, flow="f", terminal=DONE)
    assert wire.lost == 1
    assert [event.type for event in await everything(open_log(), run_id)] == ["run.started", "run.succeeded"]


async def test_a_storage_that_stays_away_is_told_to_the_step(open_log, run_id):
    """After retries with a limit the step fails, and can be tried again as a whole."""
    writer = writer_of(open_log(Wire(lambda request: "request"), write_limit=0.5), run_id)
    started = time.monotonic()
    await writer.write(delta("a"))
    with pytest.raises(StorageUnavailable):
        await writer.flush()
    with pytest.raises(StorageUnavailable):
        await writer.write(delta("b"))
    assert time.monotonic() - started < 15


async def test_an_outage_shorter_than_the_limit_is_not_noticed(open_log, run_id):
    """Storage that restarts must not fail a step that streams for an hour."""
    log = open_log(Wire(lambda request: None))
    wire = log._blobs._storage._policies[0]
    writer = writer_of(log, run_id)
    await writer.write(delta("a"))
    await writer.flush()
    left = iter(range(6))
    wire.fate = lambda request: "request" if next(left, None) is not None else None
    await writer.write(delta("b"))
    await writer.flush()
    assert texts(await everything(open_log(), run_id)) == ["a", "b"]


async def test_writing_is_held_when_much_is_waiting(open_log, run_id):
    """A step that emits faster than storage takes must not fill the worker's memory."""
    log = open_log(Wire(lambda request: "request"), write_limit=1.0)
    writer = writer_of(log, run_id)
    taken = 0

    async def produce() -> None:
        nonlocal taken
        while True:
            await writer.write(delta("x" * 30_000))
            taken += 30_000

    with pytest.raises(StorageUnavailable):
        await produce()
    assert taken < 8_000_000
