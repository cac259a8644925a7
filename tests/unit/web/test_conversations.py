"""Conversations: what a new run does with those before it, and that none is lost or waits for ever."""

import asyncio
from dataclasses import replace

import pytest

from raincheck.errors import NothingStarted, StorageUnavailable
from raincheck.flow import flow
from raincheck.outcomes import Outcome
from raincheck.run import Run
from tests.unit.web.fakes import NOW, World

POLICIES = ["finish", "enqueue", "reject", "interrupt"]
OLDER = "20261121-" + "a" * 32


@pytest.fixture
def say(world):
    """Start a run in the conversation and give its status document."""

    async def start(on_newer=None, **more):
        answer = await world.start(conversation_id="c", background=True, on_newer=on_newer, **more)
        return answer.json()

    return start


def turn(world, run_id):
    return world.conversations.turns["c"][run_id]


def payload_of(world, run_id):
    [payload] = [payload for _, started, payload in world.orchestrations.started if started == run_id]
    return payload


@pytest.mark.parametrize("policy", [None, *POLICIES])
async def test_the_first_run_just_goes(world, say, policy):
    """There is nobody to wait for, to supersede or to give way to."""
    document = await say(policy)
    assert payload_of(world, document["id"])["waits"] is False
    assert (turn(world, document["id"]).sequence, document["conversation_id"]) == (1, "c")


@pytest.mark.parametrize("policy", POLICIES)
async def test_after_the_end_of_the_older_one_the_newer_just_goes(world, say, policy):
    """Only open runs count."""
    first = await say()
    await world.uses.turns.end("c", first["id"])
    second = await say(policy)
    assert payload_of(world, second["id"])["waits"] is False
    assert turn(world, first["id"]).superseded_by is None


async def test_finish_lets_the_older_end_and_marks_its_result(world, say):
    """The newer is not held up, and whoever collects the older learns of it."""
    first, second = await say(), await say("finish")
    shown = (await world.open.get(f"/runs/{first['continuation_token']}")).json()
    assert shown["superseded_by"] == second["id"]
    assert payload_of(world, second["id"])["waits"] is False
    assert world.orchestrations.events == []


async def test_enqueue_lets_the_newer_wait(world, say):
    """It is an instance already, so that it can be collected and cancelled."""
    first, second = await say(), await say("enqueue")
    assert payload_of(world, second["id"])["waits"] is True
    assert turn(world, first["id"]).superseded_by is None


async def test_reject_gives_way(world, say):
    """Nothing of the newer is left behind."""
    await say()
    answer = await world.start(conversation_id="c", on_newer="reject")
    assert (answer.status_code, answer.json()["code"]) == (409, "conversation_busy")
    assert int(answer.headers["retry-after"]) >= 1
    assert (len(world.runs.rows), len(world.conversations.turns["c"])) == (1, 1)


async def test_interrupt_cancels_the_older_and_starts_at_once(world, say):
    """Somebody who corrects a request wants only the new one done."""
    first, second = await say(), await say("interrupt")
    [(canceled, name, _)] = world.orchestrations.events
    assert (canceled, name) == (first["id"], "cancel")
    assert payload_of(world, second["id"])["waits"] is False
    assert turn(world, first["id"]).superseded_by == second["id"]


@pytest.mark.parametrize(
    ("request_says", "older_said", "flow_says", "waits"),
    [
        ("enqueue", "finish", "finish", True),
        ("finish", "enqueue", "enqueue", False),
        (None, "enqueue", "finish", True),
        (None, None, "enqueue", True),
        (None, None, None, False),
    ],
)
async def test_whose_word_counts(request_says, older_said, flow_says, waits):
    """The request's own, else what the older asked for when it was started, else the flow's."""

    @flow(name="greet", on_newer=flow_says)
    async def greet(run: Run, greeting: dict[str, str]) -> None:
        return None

    world = World(flows=(greet,))
    await world.start(conversation_id="c", background=True, on_newer=older_said)
    answer = await world.start(conversation_id="c", background=True, on_newer=request_says)
    assert payload_of(world, answer.json()["id"])["waits"] is waits


@pytest.mark.parametrize("policy", POLICIES)
async def test_of_many_messages_at_once_none_is_lost(world, policy):
    """Row order decides: each has a number of its own, or was told that it has none."""
    answers = await asyncio.gather(
        *(world.start(conversation_id="c", background=True, on_newer=policy) for _ in range(8))
    )
    sequences = sorted(one.sequence for one in world.conversations.turns["c"].values())
    started = [answer for answer in answers if answer.status_code == 202]
    assert sequences == list(range(1, len(started) + 1))
    assert len(started) == (1 if policy == "reject" else 8)
    assert len(world.orchestrations.started) == len(started) == len(world.runs.rows)


async def test_of_many_messages_at_once_all_but_the_newest_are_interrupted(world):
    """Also those whose own start was still on its way."""
    await asyncio.gather(
        *(world.start(conversation_id="c", background=True, on_newer="interrupt") for _ in range(8))
    )
    newest = max(world.conversations.turns["c"].values(), key=lambda turn: turn.sequence)
    canceled = {run_id for run_id, name, _ in world.orchestrations.events if name == "cancel"}
    assert canceled == set(world.conversations.turns["c"]) - {newest.run_id}


async def test_a_run_that_is_interrupted_while_it_is_being_started_cancels_itself(world, say):
    """The one that interrupts found no instance yet to raise the event in."""

    def interrupt(run_id):
        world.conversations.put("c", **{**vars_of(turn(world, run_id)), "interrupted_by": "newer"})

    world.orchestrations.at_start = interrupt
    document = await say()
    assert [event[:2] for event in world.orchestrations.events] == [(document["id"], "cancel")]


def vars_of(one):
    return {name: getattr(one, name) for name in ("run_id", "sequence", "state", "claimed_at")}


async def test_a_cancel_that_reaches_nobody_yet_is_left_to_the_sweeper(world, say):
    """The host of the older one may have died before its start."""
    world.conversations.put("c", run_id=OLDER, sequence=1, claimed_at=world.time.clock())
    await say("interrupt")
    assert ("cancel", OLDER) in world.unfinished.notes


async def test_twenty_open_runs_are_enough(world, say):
    """The twenty-first is told to come back, and leaves nothing behind."""
    for _ in range(20):
        await say()
    answer = await world.start(conversation_id="c")
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_open_runs")
    assert int(answer.headers["retry-after"]) >= 1
    assert len(world.runs.rows) == 20


async def test_other_conversations_are_not_concerned(world, say):
    """A partition each."""
    await say()
    answer = await world.start(conversation_id="d", on_newer="reject", background=True)
    assert answer.status_code == 202


@pytest.mark.parametrize("policy", ["reject", "enqueue"])
async def test_a_turn_whose_run_was_never_started_blocks_nobody(world, say, policy):
    """Its host died between the turn and the start."""
    world.conversations.put("c", run_id=OLDER, sequence=1)
    world.time.seconds += 31
    document = await say(policy)
    assert payload_of(world, document["id"])["waits"] is False
    assert turn(world, OLDER).state == "not_started"


async def test_a_young_turn_is_not_given_up(world, say):
    """Its start may be on its way."""
    world.conversations.put("c", run_id=OLDER, sequence=1)
    world.time.seconds += 29
    document = await say("enqueue")
    assert payload_of(world, document["id"])["waits"] is True


async def test_a_turn_whose_end_was_lost_blocks_nobody(world, say):
    """The run was terminated from outside, so nobody ended its turn."""
    world.conversations.put("c", run_id=OLDER, sequence=1)
    world.orchestrations.put(OLDER, "Terminated")
    world.time.seconds += 31
    await say("reject")
    assert turn(world, OLDER).state == "ended"


async def test_dead_turns_do_not_count_as_open(world, say):
    """Else twenty crashes would close a conversation for good."""
    for number in range(20):
        world.conversations.put("c", run_id=f"20261121-{number + 1000:032x}", sequence=number + 1)
    world.time.seconds += 31
    document = await say()
    assert turn(world, document["id"]).sequence == 21


async def test_a_start_that_certainly_failed_takes_its_turn_back(world, say):
    """Nothing was superseded by it, and nobody waits for it."""
    first = await say()
    world.orchestrations.start_failure = NothingStarted("refused")
    answer = await world.start(conversation_id="c", on_newer="interrupt")
    assert answer.status_code == 503
    assert turn(world, first["id"]).superseded_by is None
    assert [one.state for one in world.conversations.turns["c"].values()] == ["open", "not_started"]
    assert (world.orchestrations.events, len(world.runs.rows)) == ([], 1)


async def test_a_start_without_an_answer_keeps_its_turn(world, say):
    """The run may be there; the takeover tells."""
    world.orchestrations.start_failure = StorageUnavailable("no answer")
    document = await say()
    assert turn(world, document["id"]).state == "open"


async def test_a_start_that_takes_too_long_does_not_start(world, say):
    """Others may have taken its turn for lost by then."""

    def dawdle():
        world.time.seconds += 11

    world.conversations.meanwhile = dawdle
    answer = await world.start(conversation_id="c")
    assert (answer.status_code, world.orchestrations.started) == (503, [])


async def test_a_retry_after_a_crash_keeps_its_place(world):
    """The same run, the same turn."""
    key = {"Idempotency-Key": "k"}
    request = {"conversation_id": "c", "background": True}
    run_id = (await world.start(headers=key, **request)).json()["id"]
    [(digest, row)] = world.keys.rows.items()
    world.keys.rows[digest] = replace(row, state="claimed")
    world.orchestrations.instances.clear()
    world.time.seconds += 31
    assert (await world.start(headers=key, **request)).json()["id"] == run_id
    assert (turn(world, run_id).state, turn(world, run_id).sequence) == ("open", 1)
    assert turn(world, run_id).claimed_at > NOW


async def test_a_conversation_is_owed_and_noted(world, say):
    """So its next turn gets going however the run ends."""
    document = await say()
    assert payload_of(world, document["id"])["owes"] == ["conversation"]
    assert ("run", document["id"]) in world.unfinished.notes


async def test_a_queued_run_has_not_started(world, say):
    """Its caller sees that nothing was done yet."""
    document = await say()
    world.orchestrations.put(document["id"], "Running", custom={"schema_version": 1, "queued": True})
    shown = (await world.open.get(f"/runs/{document['continuation_token']}")).json()
    assert shown["status"] == "NotStarted"


async def test_old_turns_are_pruned(world, say):
    """A conversation of years stays one small partition."""
    for number in range(60):
        world.conversations.put(
            "c", run_id=f"20261121-{number + 1000:032x}", sequence=number + 1, state="ended"
        )
    await say()
    assert len(world.conversations.turns["c"]) == 51


async def test_a_run_without_a_conversation_touches_none(world):
    """It costs one table write and no more."""
    document = (await world.start(background=True)).json()
    world.orchestrations.finish(document["id"], Outcome.canceled())
    assert (world.conversations.turns, world.unfinished.notes) == ({}, {})


async def test_whoever_has_the_answer_is_not_told_that_the_conversation_is_busy(world, say):
    """A run's outcome can be seen a moment before its turn ends."""
    first = await say()
    world.outcomes.rows[first["id"]] = Outcome.succeeded({"text": "hello"})
    second = await say("reject")
    assert turn(world, first["id"]).state == "ended"
    assert turn(world, second["id"]).state == "open"
