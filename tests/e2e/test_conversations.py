"""Two messages in a conversation at once, under each policy: row order decides, and both come to an end.

`--times N` says how often; 100 shows it for certain.
"""

import asyncio
import uuid
from datetime import datetime

import pytest

SHORT = {"topic": "rain", "pieces": 3, "delay_ms": 10}
A_WHILE = {"topic": "rain", "pieces": 50, "delay_ms": 50}  # both are there before one has ended
LONG = {"topic": "rain", "pieces": 600, "delay_ms": 50}  # half a minute, unless it is cancelled
ENDED = {"Succeeded", "Failed", "Canceled"}
AT_ONCE = 4


@pytest.fixture
def say(api):
    """Start a run in a conversation, by default one that takes a moment."""

    async def start(conversation, policy=None, *, given=SHORT, **more):
        body = {"input": given, "background": True, "conversation_id": conversation, "on_newer": policy}
        return await api.post("/flows/tell_story/runs", json={**body, **more})

    return start


@pytest.fixture
def end_of(api):
    """Wait for the end of a run and give its document."""

    async def wait(document, limit=90):
        async with asyncio.timeout(limit):
            while (shown := (await api.get(document["status_url"])).json())["status"] not in ENDED:  # noqa: ASYNC110 - polling is what a client does
                await asyncio.sleep(0.2)
        return shown

    return wait


async def each_time(times, pair):
    """Do it so many times, some at once: hosts have more than one conversation."""
    free = asyncio.Semaphore(AT_ONCE)

    async def one():
        async with free:
            await pair(f"{uuid.uuid4().hex}/#?")

    async with asyncio.TaskGroup() as group:
        for _ in range(times):
            group.create_task(one())


async def test_finish_both_end_and_one_supersedes_the_other(say, end_of, times):
    """Neither waits for the other."""

    async def pair(conversation):
        answers = await asyncio.gather(*(say(conversation, "finish", given=A_WHILE) for _ in range(2)))
        ended = [await end_of(answer.json()) for answer in answers]
        assert [one["status"] for one in ended] == ["Succeeded", "Succeeded"]
        marks = {one["superseded_by"] for one in ended}
        assert len(marks) == 2
        assert marks < {None, *(one["id"] for one in ended)}

    await each_time(times, pair)


async def test_enqueue_the_newer_begins_when_the_older_has_ended(api, say, end_of, times):
    """Both run, one after the other, and none waits for a look half a minute later."""

    async def span(document):
        page = (await api.get(document["events_url"], headers={"Accept": "application/json"})).json()
        began = next(event for event in page["events"] if event["type"] == "step.started")
        return tuple(datetime.fromisoformat(event["time"]) for event in (began, page["events"][-1]))

    async def pair(conversation):
        answers = await asyncio.gather(*(say(conversation, "enqueue") for _ in range(2)))
        ended = [await end_of(answer.json(), limit=25) for answer in answers]
        assert [one["status"] for one in ended] == ["Succeeded", "Succeeded"]
        first, second = sorted([await span(one) for one in ended])
        assert first[1] <= second[0]

    await each_time(times, pair)


async def test_reject_one_runs_and_the_other_gives_way(say, end_of, times):
    """The loser knows at once, and when to come back."""

    async def pair(conversation):
        answers = await asyncio.gather(*(say(conversation, "reject", given=A_WHILE) for _ in range(2)))
        taken, refused = sorted(answers, key=lambda answer: answer.status_code)
        assert (taken.status_code, refused.status_code) == (202, 409)
        assert (refused.json()["code"], int(refused.headers["retry-after"]) > 0) == (
            "conversation_busy",
            True,
        )
        assert (await end_of(taken.json()))["status"] == "Succeeded"
        assert (await say(conversation, "reject")).status_code == 202

    await each_time(times, pair)


async def test_interrupt_only_the_newer_goes_on(api, say, end_of, times):
    """The older ends Canceled, whichever of the two was started first."""

    async def pair(conversation):
        answers = await asyncio.gather(*(say(conversation, "interrupt", given=LONG) for _ in range(2)))
        shown = [(await api.get(answer.json()["status_url"])).json() for answer in answers]
        older, newer = sorted(shown, key=lambda one: one["superseded_by"] is None)
        assert older["superseded_by"] == newer["id"]
        assert (await end_of(older))["status"] == "Canceled"
        assert (await api.get(newer["status_url"])).json()["status"] not in ENDED
        await api.post(newer["cancel_url"])

    await each_time(times, pair)


async def test_a_queued_run_can_be_cancelled(api, say, end_of):
    """It ends without beginning, and the one behind it goes on."""
    conversation = uuid.uuid4().hex
    first = (await say(conversation, given=LONG)).json()
    second = (await say(conversation, "enqueue")).json()
    third = (await say(conversation, "enqueue")).json()
    await api.post(second["cancel_url"])
    assert (await end_of(second))["status"] == "Canceled"
    await api.post(first["cancel_url"])
    assert (await end_of(third, limit=25))["status"] == "Succeeded"


async def test_a_queued_run_has_not_started(api, say):
    """Its status says that nothing was done yet, and it can be collected."""
    conversation = uuid.uuid4().hex
    first = (await say(conversation, given=LONG)).json()
    second = (await say(conversation, "enqueue")).json()
    answer = await api.get(second["status_url"], headers={"Prefer": "wait=2"})
    assert (answer.status_code, answer.json()["status"]) == (202, "NotStarted")
    for document in (second, first):
        await api.post(document["cancel_url"])


async def test_the_twenty_first_open_run_is_429(api, say):
    """A conversation can't take all of the app."""
    conversation = uuid.uuid4().hex
    first = (await say(conversation, given=LONG)).json()
    others = [(await say(conversation, "enqueue")).json() for _ in range(19)]
    answer = await say(conversation)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_open_runs")
    assert int(answer.headers["retry-after"]) > 0
    for document in [*reversed(others), first]:
        await api.post(document["cancel_url"])
