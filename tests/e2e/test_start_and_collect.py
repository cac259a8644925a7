"""Start, poll, wait: the contract's table on a real host."""

import asyncio
import time

import pytest

STORY = {"input": {"topic": "rain", "pieces": 30, "delay_ms": 50}}  # 1.5 seconds
LONG_STORY = {"input": {"topic": "rain", "pieces": 240, "delay_ms": 50}}  # 12 seconds


async def result_of(api, status_url):
    """Poll as a client does, until the run is done."""
    async with asyncio.timeout(60):
        while (answer := await api.get(status_url)).status_code == 202:  # noqa: ASYNC110 - polling is what is tested
            await asyncio.sleep(int(answer.headers["retry-after"]))
    return answer


async def test_start_then_poll_to_the_result(api):
    """The main job: 202 with all that a poller needs, then 200 with the result."""
    answer = await api.post("/flows/tell_story/runs", json={**STORY, "background": True})
    assert answer.status_code == 202
    document = answer.json()
    assert answer.headers["location"] == answer.headers["operation-location"] == document["status_url"]
    assert int(answer.headers["retry-after"]) >= 1
    done = await result_of(api, document["status_url"])
    assert (done.status_code, done.json()["status"]) == (200, "Succeeded")
    assert done.json()["result"]["text"].count("rain") > 5


@pytest.mark.parametrize(
    ("body", "prefer", "status"),
    [
        ({"background": None}, None, 200),
        ({"background": True}, None, 202),
        ({"background": False}, None, 200),
        ({}, "respond-async", 202),
        ({}, "respond-async, wait=20", 200),
        ({}, "wait=20", 200),
    ],
)
async def test_who_waits_for_work_of_two_seconds(api, body, prefer, status):
    """It is done within the flow's own five seconds."""
    headers = {"Prefer": prefer} if prefer else {}
    answer = await api.post("/flows/tell_story/runs", json={**STORY, **body}, headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("body", "prefer", "deadline", "seconds"),
    [
        ({}, None, None, 5),
        ({}, "wait=1", "exceeded", 1),
        ({"channel": "bot", "background": False}, "wait=1", None, 12),
    ],
)
async def test_who_waits_for_work_of_twelve_seconds(api, body, prefer, deadline, seconds):
    """Past what was wanted it is 202, and the run goes on."""
    begin = time.monotonic()
    headers = {"Prefer": prefer} if prefer else {}
    answer = await api.post("/flows/tell_story/runs", json={**LONG_STORY, **body}, headers=headers)
    assert seconds - 0.2 < time.monotonic() - begin < seconds + 3
    assert answer.headers.get("raincheck-deadline") == deadline


async def test_a_long_poll_answers_when_the_run_ends(api):
    """Without waiting for the rest of its seconds."""
    document = (await api.post("/flows/tell_story/runs", json={**STORY, "background": True})).json()
    begin = time.monotonic()
    while (answer := await api.get(document["status_url"], headers={"Prefer": "wait=30"})).status_code == 202:
        pass
    assert answer.json()["status"] == "Succeeded"
    assert time.monotonic() - begin < 10


async def test_progress_counts_documents(api):
    """What a person sees while it works, and what came of it."""
    documents = [{"name": f"d{n}", "text": f"Number {n} is here. It rains on {n}."} for n in range(5)]
    answer = await api.post(
        "/flows/digest_documents/runs", json={"input": {"documents": documents}, "background": False}
    )
    assert answer.json()["progress"]["percent"] == 100
    assert [one["name"] for one in answer.json()["result"]["documents"]] == ["d0", "d1", "d2", "d3", "d4"]


async def test_cancel_ends_the_run_as_canceled(api):
    """And a second cancel changes nothing."""
    document = (await api.post("/flows/tell_story/runs", json={**LONG_STORY, "background": True})).json()
    await asyncio.sleep(1)
    assert (await api.post(document["cancel_url"])).status_code == 202
    assert (await result_of(api, document["status_url"])).json()["status"] == "Canceled"
    assert (await api.post(document["cancel_url"])).status_code == 200


async def test_flows_tell_their_schemas(api):
    """An agent can find out what to send."""
    names = {flow["name"] for flow in (await api.get("/flows")).json()["flows"]}
    assert {"tell_story", "digest_documents", "order_laptop"} <= names


async def test_health(api):
    """Storage included."""
    assert (await api.get("/health")).json()["storage"] == "reachable"


async def test_head_answers_without_a_body(api):
    """Through the host and the worker too."""
    document = (await api.post("/flows/tell_story/runs", json={**STORY, "background": True})).json()
    for path in (document["status_url"], document["events_url"], "/health"):
        answer = await api.head(path)
        assert (answer.content, answer.status_code < 300) == (b"", True)
