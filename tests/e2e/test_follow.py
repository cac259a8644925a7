"""Streams over real HTTP: live, cut off, resumed; not a word lost or doubled."""

import asyncio
import json
import time

import httpx
import pytest

STORY = {"input": {"topic": "rain", "pieces": 60, "delay_ms": 30}, "background": True}


async def events_of(api, url, *, stop_after=None, **headers):
    """Read a stream: (id, data, when) of each event, up to as many as wanted."""
    events, event_id = [], None
    async with api.stream("GET", url, headers=headers) as answer:
        assert answer.status_code == 200
        async for line in answer.aiter_lines():
            if line.startswith("id: "):
                event_id = line[4:]
            elif line.startswith("data: "):
                events.append((event_id, json.loads(line[6:]), time.monotonic()))
                if stop_after and len(events) == stop_after:
                    break
    return events


def text_of(events):
    return "".join(data.get("text", "") for _, data, _ in events)


async def test_a_stream_is_live(api):
    """Words arrive while the story is told, not at its end."""
    document = (await api.post("/flows/tell_story/runs", json=STORY)).json()
    events = await events_of(api, document["events_url"])
    assert events[-1][1]["type"] == "run.succeeded"
    assert events[-1][2] - events[1][2] > 0.8
    assert text_of(events) == events[-1][1]["result"]["text"]


@pytest.mark.parametrize("by", ["id", "after", "token"])
async def test_a_stream_that_was_cut_goes_on_without_a_lost_or_doubled_word(api, by):
    """By Last-Event-ID, by number, and by the token of the last event."""
    document = (await api.post("/flows/tell_story/runs", json=STORY)).json()
    first = await events_of(api, document["events_url"], stop_after=20)
    event_id, data, _ = first[-1]
    if by == "id":
        second = await events_of(api, document["events_url"], **{"Last-Event-ID": event_id})
    elif by == "after":
        second = await events_of(api, f"{document['events_url']}?after={data['sequence_number']}")
    else:
        second = await events_of(api, f"/runs/{data['continuation_token']}/events")
    numbers = [data["sequence_number"] for _, data, _ in first + second]
    assert numbers == list(range(len(numbers)))
    assert second[-1][1]["type"] == "run.succeeded", second[-1]
    assert text_of(first + second) == second[-1][1]["result"]["text"]


async def test_after_the_end_it_is_204(api):
    """So that a browser stops."""
    document = (await api.post("/flows/tell_story/runs", json=STORY)).json()
    events = await events_of(api, document["events_url"])
    for headers in ({"Last-Event-ID": events[-1][0]}, {"Last-Event-ID": "100000"}):
        assert (await api.get(document["events_url"], headers=headers)).status_code == 204


async def test_pages_give_the_same_events_as_the_stream(api):
    """For those who can't stream: long polls, from token to token."""
    document = (await api.post("/flows/tell_story/runs", json=STORY)).json()
    url, paged = f"{document['events_url']}?wait=10", []
    async with asyncio.timeout(60):
        while url:
            page = (await api.get(url, headers={"Accept": "application/json"})).json()
            paged += page["events"]
            token = page["continuation_token"]
            url = token and f"/runs/{token}/events?wait=10"
    streamed = [data for _, data, _ in await events_of(api, document["events_url"])]
    assert [event["sequence_number"] for event in paged] == [event["sequence_number"] for event in streamed]


async def test_a_run_that_emits_nothing_has_its_start_and_its_end(api):
    """And costs no log."""
    order = {"employee": "Ada", "model": "X", "price": 100}
    document = (await api.post("/flows/order_laptop/runs", json={"input": order, "background": True})).json()
    events = await events_of(api, document["events_url"])
    assert [data["type"] for _, data, _ in events] == ["run.started", "run.succeeded"]


async def test_a_stream_ends_itself_before_the_limit(running, azurite, app):
    """With the token to go on with; nothing is lost between the two."""
    story = {"input": {"topic": "rain", "pieces": 160, "delay_ms": 60}, "background": True}
    with running(azurite, app, RAINCHECK_STREAM_LIMIT="6") as base:
        async with httpx.AsyncClient(base_url=base, timeout=30) as api:
            document = (await api.post("/flows/tell_story/runs", json=story)).json()
            url, events, streams = document["events_url"], [], 0
            while not events or events[-1][1]["type"] == "stream.resume":
                if events:
                    url = f"/runs/{events.pop()[1]['continuation_token']}/events"
                begin = time.monotonic()
                events += await events_of(api, url)
                assert time.monotonic() - begin < 6
                streams += 1
    assert streams >= 2
    assert text_of(events) == events[-1][1]["result"]["text"]
