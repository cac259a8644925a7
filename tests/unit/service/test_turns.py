"""The queue of a conversation: who may go, who is woken, and that a lost word holds up nobody."""

import pytest

from raincheck.errors import StorageUnavailable
from tests.unit.web.fakes import FakeConversations, FakeOrchestrations, FakeTime, turns_of


def run(number):
    return f"20261121-{number:032x}"


class Queue:
    """A conversation with turns 1, 2, … whose runs all go on."""

    def __init__(self, *states):
        self.time = FakeTime()
        self.conversations = FakeConversations()
        self.orchestrations = FakeOrchestrations(self.time)
        self.turns = turns_of(self.conversations, self.orchestrations, self.time)
        for number, state in enumerate(states, 1):
            self.conversations.put("c", run_id=run(number), sequence=number, state=state)
            self.orchestrations.put(run(number), "Running")

    def states(self):
        return [turn.state for turn in self.conversations.turns["c"].values()]

    def woken(self):
        return [run_id for run_id, name, _ in self.orchestrations.events if name == "go"]

    async def may_go(self, number):
        return await self.turns.may_go("c", run(number))

    async def end(self, number):
        await self.turns.end("c", run(number))


async def test_the_end_of_a_run_wakes_the_next():
    """It need not wait for its own look."""
    queue = Queue("open", "waiting", "waiting")
    await queue.end(1)
    assert (queue.states(), queue.woken()) == (["ended", "waiting", "waiting"], [run(2)])


async def test_nobody_is_woken_while_another_older_run_is_open():
    """Under mixed policies several may be."""
    queue = Queue("open", "open", "waiting")
    await queue.end(1)
    assert queue.woken() == []


async def test_ending_twice_wakes_again():
    """An activity that is run again after a crash may have been cut off before the event."""
    queue = Queue("ended", "waiting")
    await queue.end(1)
    assert queue.woken() == [run(2)]


async def test_ending_an_unknown_turn_is_nothing():
    """It may have been pruned."""
    queue = Queue("open")
    await queue.end(7)
    assert queue.states() == ["open"]


async def test_ending_bears_with_others_that_write():
    """A newer run marks the older one in the same moment."""
    queue = Queue("open")

    def once():
        queue.conversations.meanwhile = lambda: None
        queue.conversations.put("c", run_id=run(1), sequence=1, superseded_by="newer")

    queue.conversations.meanwhile = once
    await queue.end(1)
    ended = queue.conversations.turns["c"][run(1)]
    assert (ended.state, ended.superseded_by) == ("ended", "newer")


async def test_a_conversation_that_never_rests_is_an_error():
    """The activity is tried again; the turn must not be forgotten."""
    queue = Queue("open")
    queue.conversations.meanwhile = lambda: queue.conversations.put("c", run_id=run(1), sequence=1)
    with pytest.raises(StorageUnavailable):
        await queue.end(1)


@pytest.mark.parametrize(
    ("states", "may"),
    [
        (["open", "waiting"], False),
        (["ended", "waiting"], True),
        (["not_started", "waiting"], True),
        (["ended", "open"], True),
        (["waiting", "waiting"], False),
    ],
)
async def test_a_run_goes_when_nothing_before_it_is_open(states, may):
    """The table decides, whatever event was or wasn't heard."""
    assert await Queue(*states).may_go(2) is may


async def test_going_is_written_down():
    """From then on those behind it wait for its end."""
    queue = Queue("ended", "waiting", "waiting")
    assert await queue.may_go(2)
    assert queue.states() == ["ended", "open", "waiting"]


async def test_a_run_whose_turn_is_gone_goes():
    """Nobody else would let it."""
    assert await Queue("open").may_go(7)


async def test_a_turn_before_it_that_never_started_is_given_up_in_time():
    """Its host died between turn and start: not before the takeover, but then."""
    queue = Queue("open", "waiting")
    queue.orchestrations.instances.pop(run(1))
    queue.time.seconds = 29
    assert not await queue.may_go(2)
    queue.time.seconds = 30
    assert await queue.may_go(2)
    assert queue.states() == ["not_started", "open"]


async def test_a_dead_turn_in_the_queue_does_not_stop_the_wake_up():
    """The one behind it is next."""
    queue = Queue("open", "waiting", "waiting")
    queue.orchestrations.instances.pop(run(2))
    queue.time.seconds = 31
    await queue.end(1)
    assert (queue.states(), queue.woken()) == (["ended", "not_started", "waiting"], [run(3)])


async def test_what_a_lost_run_superseded_is_not_superseded():
    """Its result is still the newest word."""
    queue = Queue("open", "open", "waiting")
    queue.conversations.put("c", run_id=run(1), sequence=1, superseded_by=run(2), interrupted_by=run(2))
    queue.orchestrations.instances.pop(run(2))
    queue.time.seconds = 31
    await queue.may_go(3)
    older = queue.conversations.turns["c"][run(1)]
    assert (older.superseded_by, older.interrupted_by) == (None, None)
