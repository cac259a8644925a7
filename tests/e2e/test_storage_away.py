"""Storage that is away, at a start and in the middle: every answer comes within seconds, nothing hangs."""

import json
import time

import httpx

from tests.azurite import Azurite

WITHIN = 15  # seconds


async def test_storage_that_goes_away(running, app, tmp_path):
    """Starts are 503, status, events and health too; a stream asks its reader to come back."""
    azurite = Azurite(tmp_path / "azurite").start()
    try:
        with running(azurite, app) as base:
            async with httpx.AsyncClient(base_url=base, timeout=60) as api:
                story = {"input": {"topic": "rain", "pieces": 400, "delay_ms": 100}, "background": True}
                document = (await api.post("/flows/tell_story/runs", json=story)).json()
                stream = await cut_storage_while_streaming(api, document["events_url"], azurite)
                assert stream[-1]["type"] == "stream.resume"
                for method, path in (
                    ("POST", "/flows/tell_story/runs"),
                    ("GET", document["status_url"]),
                    ("GET", document["events_url"]),
                    ("GET", "/health"),
                ):
                    begin = time.monotonic()
                    answer = await api.request(method, path, json=story if method == "POST" else None)
                    assert answer.status_code == 503, path
                    assert time.monotonic() - begin < WITHIN, path
                    assert "127.0.0.1" not in answer.text
                    assert "devstore" not in answer.text
    finally:
        azurite.stop()


async def cut_storage_while_streaming(api, url, azurite):
    """Read a stream to its end; in the middle of it storage goes away."""
    events = []
    begin = time.monotonic()
    async with api.stream("GET", url) as answer:
        async for line in answer.aiter_lines():
            if line.startswith("data: "):
                events.append(json.loads(line[6:]))
            if len(events) == 10 and azurite.connection_string:
                azurite.stop()
                azurite.connection_string = ""
                begin = time.monotonic()
    assert time.monotonic() - begin < 2 * WITHIN
    return events
