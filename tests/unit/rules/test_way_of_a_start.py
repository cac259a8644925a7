"""The way of a start, from the request to Durable's client: short, and in the order of the story."""

import sys
from pathlib import Path

import pytest
from starlette.requests import Request

from raincheck.adapters.orchestrations import DurableOrchestrations
from raincheck.functions.bridge import handler
from raincheck.web.scope import USE_CASES
from tests.unit.rules.repository import ROOT
from tests.unit.web.apps_once import apps_of
from tests.unit.web.fakes import World

MOST = 6
BODY = b'{"input": {"name": "Ada"}, "background": true}'


class Client:
    """Stands for the SDK's client; keeps which frames of ours a start went through."""

    def __init__(self) -> None:
        self.way: list[str] = []

    async def start_new(self, orchestrator, instance_id, payload):
        frame = sys._getframe()
        while frame is not None:
            path = Path(frame.f_code.co_filename)
            if path.is_relative_to(ROOT / "raincheck"):
                self.way.insert(0, f"{path.relative_to(ROOT / 'raincheck')}:{frame.f_code.co_name}")
            frame = frame.f_back
        return instance_id


@pytest.fixture
async def way():
    """The frames of one plain start, of the function's own task and of the app's."""
    world, client = World(), Client()
    app, _ = apps_of(())
    uses = world.wiring.bind(DurableOrchestrations(client))
    function = handler(lambda: app, prefix="/api", extras=lambda _: {USE_CASES: uses})
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/flows/greet/runs",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), (b"host", b"x")],
    }

    async def receive():
        return {"type": "http.request", "body": BODY, "more_body": False}

    response = await function(Request(scope, receive), client)
    assert response.status_code == 202
    return ["functions/bridge.py:handle", *client.way]


def test_a_start_is_a_short_story(way):
    """Whoever reads how a run starts opens these files, in this order."""
    assert way == [
        "functions/bridge.py:handle",
        "web/middleware.py:__call__",
        "web/native/flows.py:start_run",
        "service/start.py:start",
        "adapters/orchestrations.py:start",
    ]
    assert len(way) <= MOST
