"""Conversations on a real Azurite: pointer and turns move together, and only as they were read."""

import asyncio
import uuid
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from raincheck.adapters.conversations import TableConversations
from raincheck.service.conversations import Turn

NOW = datetime(2026, 11, 21, 12, 0, 0, 5, tzinfo=UTC)


@pytest.fixture
def conversations(storage):
    return TableConversations(storage)


@pytest.fixture
def name():
    """A conversation of its own, with what no key may hold."""
    return f"19:{uuid.uuid4().hex}/a\\b#c?d@thread.v2"


def turn(sequence: int, **changes: object) -> Turn:
    fresh = Turn(run_id=f"20261121-{uuid.uuid4().hex}", sequence=sequence, state="open", claimed_at=NOW)
    return replace(fresh, **changes)


async def enter(conversations, name, new):
    conversation = await conversations.read(name)
    return await conversations.enter(conversation, new, changed=(), dropped=())


async def test_an_unknown_conversation_is_empty(conversations, name):
    """The first message finds nothing."""
    assert (await conversations.read(name)).turns == ()


async def test_turns_come_back_in_order_and_as_written(conversations, name):
    """Row order decides who goes first."""
    written = [turn(n, on_newer="enqueue", superseded_by="x", interrupted_by="y") for n in (1, 2, 3)]
    for one in written:
        await enter(conversations, name, one)
    read = await conversations.read(name)
    assert [replace(one, etag="") for one in read.turns] == written
    assert read.sequence == 3


async def test_of_many_that_enter_at_once_one_gets_each_number(conversations, name):
    """Two runs with one number would each think to be the newest."""
    conversation = await conversations.read(name)
    entered = await asyncio.gather(
        *(conversations.enter(conversation, turn(1), changed=(), dropped=()) for _ in range(10))
    )
    assert sum(entered) == 1


async def test_entering_fails_where_an_older_turn_was_changed(conversations, name):
    """It ended meanwhile: the newer must not wait for it, nor supersede it."""
    await enter(conversations, name, turn(1))
    conversation = await conversations.read(name)
    [older] = conversation.turns
    await conversations.change(name, [replace(older, state="ended")])
    assert not await conversations.enter(conversation, turn(2), changed=[older], dropped=())
    assert len((await conversations.read(name)).turns) == 1


async def test_old_turns_are_dropped_with_an_entry(conversations, name):
    """A conversation of years stays one small partition."""
    await enter(conversations, name, turn(1, state="ended"))
    conversation = await conversations.read(name)
    await conversations.enter(conversation, turn(2), changed=(), dropped=conversation.turns)
    assert [one.sequence for one in (await conversations.read(name)).turns] == [2]


async def test_a_turn_is_found_by_its_run(conversations, name):
    """A status reads just this row."""
    mine = turn(1)
    await enter(conversations, name, mine)
    assert replace(await conversations.turn(name, mine.run_id), etag="") == mine
    assert await conversations.turn(name, "20261121-unknown") is None


async def test_forgetting_the_last_turn_leaves_nothing(conversations, name, storage):
    """What is cleared away is gone, the name of the conversation's partition included."""
    mine = turn(1)
    await enter(conversations, name, mine)
    await conversations.forget(name, mine.run_id)
    read = await conversations.read(name)
    assert (read.turns, read.etag) == ((), "")


async def test_forgetting_one_of_two_turns_keeps_the_count(conversations, name):
    """Numbers go up as long as there is anything to compare them with."""
    first, second = turn(1), turn(2)
    await enter(conversations, name, first)
    await enter(conversations, name, second)
    await conversations.forget(name, second.run_id)
    assert (await conversations.read(name)).sequence == 2
