"""Durable's client behind the port: the SDK's real client, its HTTP calls replaced."""

import asyncio
import json
from datetime import UTC, datetime
from types import SimpleNamespace

import aiohttp
import pytest
from azure.durable_functions import DurableOrchestrationClient

from raincheck.adapters import orchestrations as durable_client
from raincheck.adapters.orchestrations import DurableOrchestrations
from raincheck.errors import AlreadyStarted, NothingStarted, StorageUnavailable

BINDING = json.dumps(
    {
        "taskHubName": "Hub",
        "creationUrls": {},
        "managementUrls": {"id": "INSTANCEID"},
        "baseUrl": "http://127.0.0.1:7071/runtime/webhooks/durabletask",
        "requiredQueryStringParameters": "code=x",
        "rpcBaseUrl": "http://127.0.0.1:17071/durabletask/",
    }
)
RUNNING = {
    "name": "run_flow",
    "instanceId": "r1",
    "runtimeStatus": "Running",
    "customStatus": {"ending": False},
    "output": None,
    "createdTime": "2026-11-21T15:00:00Z",
    "lastUpdatedTime": "2026-11-21T15:00:02Z",
}
REFUSED = aiohttp.ClientConnectorError(
    SimpleNamespace(host="127.0.0.1", port=17071, ssl=True), OSError(111, "refused")
)


class Wire:
    """What the extension answers, by kind of call; an exception is raised, a callable awaited."""

    def __init__(self):
        self.get = self.post = None
        self.urls = []
        self.bodies = []

    async def _answer(self, answer):
        if isinstance(answer, BaseException):
            raise answer
        return await answer() if callable(answer) else answer

    async def on_get(self, url, *_, **__):
        self.urls.append(url)
        return await self._answer(self.get)

    async def on_post(self, url, data=None, *_, **__):
        self.urls.append(url)
        self.bodies.append(data)
        return await self._answer(self.post)


@pytest.fixture
def wire():
    return Wire()


@pytest.fixture
def client(wire):
    sdk = DurableOrchestrationClient(BINDING)
    sdk._get_async_request, sdk._post_async_request = wire.on_get, wire.on_post
    return DurableOrchestrations(sdk)


async def test_a_start_names_orchestrator_and_instance(wire, client):
    """And sends the payload as the SDK does: as JSON text."""
    wire.post = [202, {"id": "r1"}]
    await client.start("run_flow", "r1", {"a": 1})
    assert wire.urls == ["http://127.0.0.1:17071/durabletask/orchestrators/run_flow/r1"]
    assert json.loads(wire.bodies[0]) == {"a": 1}


async def test_a_second_start_is_told_as_such(wire, client):
    """409 of the extension."""
    wire.post = [409, {"Message": "An Orchestration instance with the status Running already exists."}]
    with pytest.raises(AlreadyStarted):
        await client.start("run_flow", "r1", {})


async def test_a_refused_connection_started_nothing(wire, client):
    """So that the caller may try again."""
    wire.post = REFUSED
    with pytest.raises(NothingStarted):
        await client.start("run_flow", "r1", {})


async def test_an_error_with_no_instance_afterwards_started_nothing(wire, client):
    """The extension answered, and knows no such instance."""
    wire.post, wire.get = [500, {"Message": "storage"}], [404, ""]
    with pytest.raises(NothingStarted):
        await client.start("run_flow", "r1", {})


async def test_an_error_with_an_instance_afterwards_is_a_start(wire, client):
    """What counts is whether it is there."""
    wire.post, wire.get = [500, {"Message": "storage"}], [202, RUNNING]
    await client.start("run_flow", "r1", {})


@pytest.mark.parametrize(
    "failure", [aiohttp.ServerDisconnectedError(), TimeoutError(), ValueError("no JSON")]
)
async def test_no_answer_says_nothing(wire, client, failure):
    """It may have started: neither success nor a reason to try again."""
    wire.post = failure
    with pytest.raises(StorageUnavailable) as caught:
        await client.start("run_flow", "r1", {})
    assert not isinstance(caught.value, NothingStarted)


async def test_a_start_is_cut(wire, client, monkeypatch):
    """Start once counts on the limit."""
    assert durable_client.LIMIT == 10
    monkeypatch.setattr(durable_client, "LIMIT", 0.01)
    wire.post = asyncio.Event().wait
    with pytest.raises(StorageUnavailable):
        await client.start("run_flow", "r1", {})


async def test_a_status_comes_without_the_input(wire, client):
    """The SDK leaves a False out of the query, and the extension sends the input unless told not to."""
    wire.get = [202, RUNNING]
    status = await client.status("r1")
    assert "showInput=false" in wire.urls[0]
    assert (status.runtime_status, status.custom_status, status.output) == (
        "Running",
        {"ending": False},
        None,
    )
    assert status.created_at == datetime(2026, 11, 21, 15, tzinfo=UTC)
    assert status.updated_at.tzinfo is UTC


async def test_an_unknown_instance_is_none(wire, client):
    """404 of the extension, of which the SDK makes an empty object."""
    wire.get = [404, ""]
    assert await client.status("r1") is None


@pytest.mark.parametrize(
    "answer", [[500, {"Message": "x"}], [500, "x"], [503, ""], REFUSED, TimeoutError(), ValueError("no JSON")]
)
async def test_a_status_that_cannot_be_told_is_an_error(wire, client, answer):
    """A 500 must not look like an unknown instance."""
    wire.get = answer
    with pytest.raises(StorageUnavailable):
        await client.status("r1")


@pytest.mark.parametrize(("status", "arrived"), [(202, True), (404, False), (410, False)])
async def test_an_event_arrives_or_comes_too_late(wire, client, status, arrived):
    """Unknown and ended are the same to whoever raises it."""
    wire.post = [status, None]
    assert await client.raise_event("r1", "cancel", {"at": "now"}) is arrived


@pytest.mark.parametrize("status", [202, 404, 410])
async def test_terminating_what_is_not_there_is_no_error(wire, client, status):
    """It does not run, which is what was wanted."""
    wire.post = [status, None]
    await client.terminate("r1", "a reason")


@pytest.mark.parametrize("answer", [[500, {"Message": "x"}], REFUSED])
async def test_events_and_ends_that_fail_are_errors(wire, client, answer):
    """Nobody knows whether they came through."""
    wire.post = answer
    with pytest.raises(StorageUnavailable):
        await client.raise_event("r1", "cancel", None)
    with pytest.raises(StorageUnavailable):
        await client.terminate("r1", "a reason")
