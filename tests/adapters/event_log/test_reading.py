"""Reading event logs on a real Azurite: positions, pages, search, a reader beside a writer."""

import asyncio
import random

import pytest

from raincheck.events import Event, Position
from tests.adapters.event_log.logs import DONE, delta, everything, texts


@pytest.fixture
async def written(open_log, run_id):
    """Give a log of 300 events of very unequal length in several blobs, and its open writer."""
    log = open_log(max_blocks=9)
    writer = log.writer(run_id, flow="f", step="tell", step_key="1", attempt=1)
    chance = random.Random(7)
    for n in range(298):
        await writer.write(delta(f"{n} " + "x" * chance.choice([0, 50, 3_000, 30_000 if n % 9 == 0 else 9])))
        if n % 8 == 0:
            await writer.flush()
    await writer.flush()
    return log, writer


async def test_an_unknown_run_has_an_empty_page(log, run_id):
    """The caller tells a run without a log from one whose log has no news."""
    page = await log.read(run_id, Position(5, 3, 999))
    assert (list(page.events), page.exists, page.closed) == ([], False, False)


async def test_pages_of_any_size_give_the_same_events(written, run_id):
    """Where a page ends must not matter, roll-over included."""
    log, _ = written
    whole = await everything(log, run_id)
    assert len(whole) == 300
    for limit in (1, 7, 64):
        assert await everything(log, run_id, limit=limit) == whole


async def test_every_position_leads_to_its_event(written, run_id):
    """A token of ours resumes exactly where its reader stopped."""
    log, _ = written
    for before in (await everything(log, run_id))[:-1:7]:
        page = await log.read(run_id, before.next, limit=1)
        assert page.events[0].sequence_number == before.sequence_number + 1


async def test_a_number_alone_leads_to_its_event(written, run_id):
    """`Last-Event-ID: 41` and `?after=41` have no hint."""
    log, _ = written
    whole = await everything(log, run_id)
    for number in range(0, 300, 3):
        page = await log.read(run_id, Position(number), limit=1)
        assert list(page.events) == [whole[number]]


async def test_a_wrong_hint_costs_a_search_and_never_a_wrong_event(written, run_id):
    """Tokens may be old, forged or of another deployment."""
    log, _ = written
    whole = await everything(log, run_id)
    places = [event.next for event in whole] + [
        Position(0, 99, 0),
        Position(0, 0, 2**62),
        Position(0, 2**62, 5),
    ]
    chance = random.Random(11)
    for _ in range(60):
        number, place = chance.randrange(300), chance.choice(places)
        offset = max(0, place.offset + chance.choice([0, 0, -1, 1, 5_000]))
        page = await log.read(run_id, Position(number, place.blob, offset), limit=1)
        assert list(page.events) == [whole[number]]


@pytest.mark.parametrize("number", [300, 301, 10**15])
async def test_past_the_end_there_is_nothing_and_later_what_was_asked_for(written, run_id, number):
    """A reader may be ahead; it must not be given what it has had."""
    log, writer = written
    page = await log.read(run_id, Position(number))
    assert (list(page.events), page.exists, page.closed) == ([], True, False)
    assert page.next.sequence == 300
    await writer.write(delta("new"))
    await writer.write(delta("newer"))
    await writer.flush()
    later = await log.read(run_id, Position(number, page.next.blob, page.next.offset))
    assert [event.sequence_number for event in later.events] == [n for n in (300, 301) if n >= number]


async def test_nothing_new_is_told_by_one_request(written, run_id):
    """Followers poll: an idle log must cost next to nothing."""
    log, _ = written
    end = (await everything(log, run_id))[-1].next
    reads = 0
    read = log._blobs.read

    async def counted(*given):
        nonlocal reads
        reads += 1
        return await read(*given)

    log._blobs.read = counted
    page = await log.read(run_id, end)
    assert (list(page.events), page.next, reads) == ([], end, 1)


async def test_a_hint_at_the_end_with_an_old_number_is_noticed(written, run_id):
    """A forged position must not hide the events between."""
    log, _ = written
    end = (await everything(log, run_id))[-1].next
    page = await log.read(run_id, Position(10, end.blob, end.offset), limit=1)
    assert page.events[0].sequence_number == 10


async def test_a_closed_log_says_so_at_its_end_and_beyond(written, run_id):
    """A follower stops for good: 204."""
    log, _ = written
    await log.close(run_id, flow="f", terminal=DONE)
    last = (await everything(log, run_id))[-1]
    assert last.terminal
    for start in (last.next, Position(301), Position(9_999)):
        page = await log.read(run_id, start)
        assert (list(page.events), page.closed) == ([], True)


async def test_a_page_that_reaches_the_terminal_event_is_closed(log, run_id):
    """The follower need not ask once more."""
    await log.close(run_id, flow="f", terminal=DONE)
    page = await log.read(run_id, Position(1))
    assert page.closed
    assert not (await log.read(run_id, Position(0), limit=1)).closed


async def test_a_reader_beside_a_writer_sees_every_event_once_and_whole(open_log, run_id):
    """Following is reading on while others append."""
    writer = open_log(max_blocks=20).writer(run_id, flow="f", step="tell", step_key="1", attempt=1)
    reading = open_log()

    async def write() -> None:
        for n in range(600):
            await writer.write(delta(f"{n}"))
            if n % 5 == 0:
                await writer.flush()
        await writer.flush()
        await open_log().close(run_id, flow="f", terminal=DONE)

    async def follow() -> list[str]:
        events, position, closed = [], Position(), False
        while not closed:
            page = await reading.read(run_id, position, limit=50)
            events += page.events
            position, closed = page.next, page.closed
        assert [event.sequence_number for event in events] == list(range(603))
        return texts(events)

    _, seen = await asyncio.gather(write(), follow())
    assert seen == [str(n) for n in range(600)]


async def test_one_page_is_about_a_megabyte(log, run_id):
    """A follower's memory and time have a limit however much a run wrote."""
    writer = log.writer(run_id, flow="f", step="tell", step_key="1", attempt=1)
    for _ in range(60):
        await writer.write(Event("output.data", {"data": "x" * 60_000}))
    await writer.flush()
    page = await log.read(run_id, Position())
    assert 500_000 < sum(len(str(event.fields)) for event in page.events) < 2_200_000


async def test_the_longest_lines_are_found_and_read(log, run_id):
    """Search reads windows, and a line may be longer than most."""
    writer = log.writer(run_id, flow="f", step="tell", step_key="1", attempt=1)
    for n in range(12):
        await writer.write(Event("output.data", {"data": f"{n}" * 100_000 if n % 2 else "x" * 262_000}))
    await writer.flush()
    for number in range(2, 14):
        page = await log.read(run_id, Position(number), limit=1)
        assert page.events[0].sequence_number == number
