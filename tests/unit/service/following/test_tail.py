"""A tail: one of its readers looks, and soon after what happens in this process; nobody looks for nobody."""

import asyncio

import pytest

from raincheck.errors import RequestError
from raincheck.service.following import seats
from tests.unit.service.following.followed import RUN, Followed, now
from tests.unit.service.following.virtual_time import run_virtually


async def at_rest(world, readers=1):
    """Followers of a run that has been silent for long."""
    world.emit()
    taken = [[] for _ in range(readers)]
    everyone = [asyncio.ensure_future(world.stream(taken=numbers)) for numbers in taken]
    await asyncio.sleep(29.5)
    return everyone, taken


@pytest.mark.parametrize("readers", [1, 20])
def test_an_append_in_this_process_is_seen_at_once(readers):
    """Not at the time of the next look, which may be a second away."""

    async def main():
        world = Followed()
        everyone, taken = await at_rest(world, readers)
        world.emit()
        await asyncio.sleep(0.02)
        assert taken == [[0, 1]] * readers
        world.end()
        await asyncio.gather(*everyone)

    run_virtually(main())


def test_an_end_in_this_process_is_seen_at_once():
    """Where the log doesn't tell, the status is looked at out of turn."""

    async def main():
        world = Followed()
        everyone, _ = await at_rest(world)
        began = now()
        world.end()
        await asyncio.gather(*everyone)
        assert now() - began < 0.1

    run_virtually(main())


def test_what_another_process_does_is_seen_within_a_second_and_soon_while_it_goes_on():
    """Slow when quiet, fast while events come."""

    async def main():
        world = Followed()
        everyone, (taken,) = await at_rest(world)
        world.log.append()
        await asyncio.sleep(1.1)
        assert taken == [0, 1]
        late = []
        for number in range(2, 40):
            world.log.append()
            await asyncio.sleep(0.07)
            late.append(taken[-1] < number)
        assert not any(late[15:])  # from a second on
        world.end()
        await asyncio.gather(*everyone)

    run_virtually(main())


def test_many_appends_are_read_together():
    """A thousand a second don't make a thousand reads."""

    async def main():
        world = Followed(page=1000, line=50)
        everyone, (taken,) = await at_rest(world)
        before = world.log.reads
        for _ in range(1000):
            world.emit()
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.05)
        assert len(taken) == 1001
        assert world.log.reads - before <= 60
        world.end()
        await asyncio.gather(*everyone)

    run_virtually(main())


def test_when_the_leader_leaves_another_one_leads():
    """With a client of its own: that of an invocation that is over is never used (the fake would tell)."""

    async def main():
        world = Followed()
        everyone, taken = await at_rest(world, 5)
        for number in range(1, 5):
            everyone[number - 1].cancel()
            await asyncio.sleep(0.3)
            world.log.append()
            await asyncio.sleep(1.2)
            assert taken[4][-1] == number
        world.end()
        await everyone[4]
        await asyncio.gather(*everyone, return_exceptions=True)

    run_virtually(main())


def test_nobody_looks_for_readers_that_take_nothing():
    """They don't wait for news, so none is fetched: a tail is pulled by whoever reads on."""

    async def main():
        world = Followed()
        world.log.append(1000)
        everyone = [asyncio.ensure_future(world.stream(pause=lambda _: 60.0)) for _ in range(200)]
        await asyncio.sleep(50)
        assert world.log.reads + world.looks <= 3
        for one in everyone:
            one.cancel()
        await asyncio.gather(*everyone, return_exceptions=True)

    run_virtually(main())


def test_a_tail_ends_with_its_last_reader():
    """Nothing of a run is kept or looked at once nobody follows it here."""

    async def main():
        world = Followed()
        everyone, _ = await at_rest(world, 3)
        assert world.seats.row(RUN) is world.row
        for one in everyone:
            one.cancel()
        await asyncio.gather(*everyone, return_exceptions=True)
        before = world.log.reads
        assert world.seats.row(RUN) is None
        await asyncio.sleep(60)
        assert world.log.reads == before
        assert not world.nudges._loops[asyncio.get_running_loop()]

    run_virtually(main())


def test_followers_of_a_run_are_bounded(monkeypatch):
    """429 says when to come again; who leaves makes room."""
    monkeypatch.setattr(seats, "FOLLOWERS", 2)

    async def main():
        world = Followed()
        with world.seats.take(world.row):
            with world.seats.take(world.row), pytest.raises(RequestError) as refused:
                world.seats.take(world.row).__enter__()
            with world.seats.take(world.row):
                pass
        error = refused.value
        assert (error.status, error.code, error.retry_after) == (429, "too_many_followers", 10)

    run_virtually(main())
