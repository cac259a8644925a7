"""Start once, on a real host: copies at once, retries after the end, other bodies."""

import asyncio
import uuid

import pytest

STORY = {"input": {"topic": "rain", "pieces": 3, "delay_ms": 10}}
LONG_STORY = {"input": {"topic": "rain", "pieces": 60, "delay_ms": 50}}  # 3 seconds


@pytest.fixture
def key():
    return {"Idempotency-Key": uuid.uuid4().hex}


async def start(api, key, body):
    """Start as a client does that takes a 409 for what it says: come back."""
    while True:
        answer = await api.post("/flows/tell_story/runs", json=body, headers=key)
        if answer.status_code != 409:
            return answer
        assert answer.json()["code"] == "start_in_progress"
        await asyncio.sleep(int(answer.headers["retry-after"]))


async def runs_of(api, ticket):
    """Give the ids of the runs that carry this ticket, from the pages of today's runs."""
    found, page = [], ""
    while page is not None:
        listed = (await api.get("/manage/runs", params={"page": page} if page else None)).json()
        found += [run["id"] for run in listed["runs"] if run["metadata"].get("ticket") == ticket]
        page = listed["next_page"]
    return found


async def test_fifty_copies_at_once_are_one_run(api, key):
    """A client, its proxy and its queue may all retry at the same time."""
    ticket = uuid.uuid4().hex
    body = {**STORY, "background": True, "metadata": {"ticket": ticket}}
    answers = await asyncio.gather(*(start(api, key, body) for _ in range(50)))
    assert {answer.status_code for answer in answers} <= {200, 202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert await runs_of(api, ticket) == [answers[0].json()["id"]]
    assert [answer.headers.get("idempotency-replayed") for answer in answers].count(None) == 1


async def test_a_retry_after_the_end_gives_the_result_again(api, key):
    """It never runs again: the run's times stay as they were."""
    first = (await start(api, key, {**STORY, "background": False})).json()
    second = await start(api, key, {**STORY, "background": False})
    assert second.headers["idempotency-replayed"] == "true"
    assert (second.status_code, second.json()["status"]) == (200, "Succeeded")
    same = ("id", "created_at", "updated_at", "result")
    assert {name: first[name] for name in same} == {name: second.json()[name] for name in same}


async def test_a_copy_waits_as_long_as_it_asks_to(api, key):
    """The one that waits gets the result of the run that another one started."""
    first = (await start(api, key, LONG_STORY)).json()
    second = await start(api, key, LONG_STORY)
    assert (second.status_code, second.json()["id"]) == (200, first["id"])


async def test_another_body_under_the_key_is_422(api, key):
    """It would get the result of something else."""
    await start(api, key, STORY)
    answer = await start(api, key, LONG_STORY)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_refused_request_does_not_use_up_its_key(api, key):
    """Whoever corrects it need not make up another one."""
    assert (await start(api, key, {"input": {"pieces": "many"}})).status_code == 422
    assert (await start(api, key, STORY)).status_code == 200
