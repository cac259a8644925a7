"""Every reader of a run gets every event once and in order, whoever else comes, goes, or falls behind."""

import asyncio
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.service.following.followed import Followed
from tests.unit.service.following.virtual_time import run_virtually

seconds = st.floats(0, 12).map(lambda value: round(value, 2))


@dataclass(frozen=True)
class Reader:
    comes: float
    start: int
    leaves: float | None
    pauses: dict[int, float]
    limit: float


readers = st.builds(
    Reader,
    comes=seconds,
    start=st.integers(0, 12),
    leaves=st.none() | seconds,
    pauses=st.dictionaries(st.integers(0, 40), seconds, max_size=3),
    limit=st.sampled_from([4.0, 20.0, 230.0]),
)


@dataclass(frozen=True)
class Append:
    at: float
    count: int
    here: bool  # in this process, or in another


appends = st.lists(st.builds(Append, at=seconds, count=st.integers(1, 9), here=st.booleans()), max_size=12)


async def play(world, appended, crowd, outage):
    async def write():
        loop = asyncio.get_running_loop()
        for one in sorted(appended, key=lambda one: one.at):
            await asyncio.sleep(one.at - loop.time())
            world.emit(one.count) if one.here else world.log.append(one.count)
        await asyncio.sleep(15 - loop.time())
        world.end(here=len(appended) % 2 == 0)

    async def fail():
        await asyncio.sleep(outage)
        world.log.away = True
        await asyncio.sleep(outage)
        world.log.away = False

    async def read(reader, taken):
        await asyncio.sleep(reader.comes)
        whole = world.stream(
            reader.start,
            taken=taken,
            pause=lambda number: reader.pauses.get(number, 0.0),
            stream_limit=reader.limit,
        )
        if reader.leaves is None:
            await whole
            return
        try:
            async with asyncio.timeout(reader.leaves):
                await whole
        except TimeoutError:
            pass

    taken = [[] for _ in crowd]
    async with asyncio.timeout(900):
        await asyncio.gather(write(), fail(), *map(read, crowd, taken))
    return taken


@settings(max_examples=150, deadline=None)
@given(appends, st.lists(readers, min_size=1, max_size=6), seconds)
def test_each_event_once_in_order_and_without_a_gap(appended, crowd, outage):
    """Whether a run has a log or not, from this process or another, through outages and limits of streams."""
    world = Followed()
    taken = run_virtually(play(world, appended, crowd, outage))

    last = len(world.log.types) - 1
    for reader, numbers in zip(crowd, taken, strict=True):
        expected = list(range(reader.start, last + 1))
        assert numbers == (expected if reader.leaves is None else expected[: len(numbers)])


def test_three_hundred_readers_read_as_often_as_one():
    """The tail reads; the readers share what it has seen. So they do with looks at the status."""

    async def followed(readers):
        world = Followed()
        everyone = [asyncio.ensure_future(world.stream()) for _ in range(readers)]
        for _ in range(200):
            await asyncio.sleep(0.05)
            world.emit()
        world.end()
        assert all(numbers == list(range(201)) for numbers in await asyncio.gather(*everyone))
        return world.log.reads, world.looks

    one, many = run_virtually(followed(1)), run_virtually(followed(300))
    assert many[0] <= 1.3 * one[0]
    assert many[1] <= 1.3 * one[1] + 1


def test_two_hundred_silent_followers_of_a_run_at_rest_cost_few_reads():
    """A minute of them: the log and the status, each at most once a second or so."""

    async def rest():
        world = Followed()
        world.log.append(5)
        everyone = [asyncio.ensure_future(world.stream(number % 7)) for number in range(200)]
        await asyncio.sleep(1)
        before = world.log.reads + world.looks
        await asyncio.sleep(60)
        reads = world.log.reads + world.looks - before
        for one in everyone:
            one.cancel()
        await asyncio.gather(*everyone, return_exceptions=True)
        return reads

    assert run_virtually(rest()) <= 150


def test_readers_far_behind_share_pages():
    """They come at once to a log that is long already, beside one that is at its end."""

    async def catch_up():
        world = Followed(page=2)
        world.log.append(200)
        ahead = asyncio.ensure_future(world.stream(190))
        await asyncio.sleep(1)
        before = world.log.reads
        behind = [asyncio.ensure_future(world.stream()) for _ in range(50)]
        await asyncio.sleep(2)
        reads = world.log.reads - before
        world.end()
        assert await ahead == list(range(190, 201))
        assert all(numbers == list(range(201)) for numbers in await asyncio.gather(*behind))
        return reads

    assert run_virtually(catch_up()) <= 110
