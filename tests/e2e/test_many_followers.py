"""Hundreds of followers of one run: what they cost in storage, and in memory where they don't read."""

import asyncio
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx
import pytest

from raincheck.adapters.event_log import BlobEventLog
from raincheck.adapters.storage import Storage
from raincheck.dev.azurite import Azurite
from raincheck.events import Event
from tests.e2e.crowd import children_of, numbers_of, opened, resident, storage_reads
from tests.e2e.hosts import ROOT

MIB = 1024 * 1024
STORY = {"input": {"topic": "rain", "pieces": 120, "delay_ms": 60}, "background": True}
LONG = {"input": {"topic": "rain", "pieces": 1000, "delay_ms": 10_000}, "background": True}


@pytest.fixture(scope="module")
def logged(tmp_path_factory):
    """An Azurite that logs each request."""
    with Azurite(tmp_path_factory.mktemp("logged"), app=ROOT, access_log=True) as azurite:
        yield azurite


@pytest.fixture(scope="module")
def base(running, logged, app, host_option):
    """An app on it."""
    if host_option != "dev":
        pytest.skip("looks into the local host's processes")
    with running(logged, app) as base:
        yield base


@pytest.fixture
async def client(base):
    async with httpx.AsyncClient(base_url=base, timeout=60) as client:
        yield client


async def started(client, story):
    return (await client.post("/flows/tell_story/runs", json=story)).raise_for_status().json()


async def test_three_hundred_followers_get_all_and_read_as_often_as_one(client, logged):
    """One tail reads for all of them."""

    async def followed(times):
        document = await started(client, STORY)
        before = len(logged.log.read_text(errors="replace"))
        async with opened(document["events_url"], times=times) as readers, asyncio.timeout(150):
            everyone = await asyncio.gather(*map(numbers_of, readers))
        assert all(numbers == list(range(124)) for numbers in everyone), [len(n) for n in everyone]
        return storage_reads(logged.log, before)

    await followed(1)
    one = await followed(1)
    many = await followed(300)
    assert many <= 1.3 * one, (many, one)


async def test_two_hundred_silent_followers_of_a_run_at_rest(client, logged):
    """At most 300 storage reads a minute, in all; 20 seconds of them are counted."""
    document = await started(client, LONG)
    async with opened(document["events_url"], times=200):
        await asyncio.sleep(5)
        before = len(logged.log.read_text(errors="replace"))
        await asyncio.sleep(20)
        reads = storage_reads(logged.log, before)
    await client.post(document["cancel_url"])
    assert reads <= 100


async def test_readers_that_never_read_hold_little(client, base, logged):
    """200 of them, connected to a log of 50 MB: the worker stays within 150 MiB of what it is at rest."""
    document = await started(client, LONG)
    await write_log(logged.connection_string, document["id"], 50 * MIB)
    workers = children_of(urlsplit(base).port)
    async with opened(document["events_url"], times=1) as (reader,):  # who reads warms it up
        for _ in range(200):
            await reader.read(64 * 1024)
    rest = most = sum(map(resident, workers))
    async with opened(document["events_url"], times=200, silent=True):
        for _ in range(20):
            await asyncio.sleep(0.5)
            most = max(most, sum(map(resident, workers)))
        assert (await client.get(document["status_url"])).status_code in {200, 202}
    await client.post(document["cancel_url"])
    assert most - rest <= 150 * MIB, (most // MIB, rest // MIB)


async def write_log(connection_string, run_id, size):
    storage = Storage.from_connection_string(connection_string)
    log = BlobEventLog(storage, lambda: datetime.now(UTC))
    writer = log.writer(run_id, flow="tell_story", step="filler", step_key="filler", attempt=1)
    text = "x" * 1800
    for _ in range(size // 2000):
        await writer.write(Event("output.text.delta", {"text": text}))
    await writer.flush()
    await storage.close()
