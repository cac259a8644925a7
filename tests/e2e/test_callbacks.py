"""Callbacks from a real host: signed, once, tried again, given up; with receivers on loopback."""

import asyncio
import json
from collections.abc import Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import httpx
import pytest
from azure.core.exceptions import ResourceNotFoundError
from standardwebhooks import Webhook

from raincheck.adapters.deliveries import TableDeliveries
from raincheck.adapters.schema import DEAD_LETTERS
from raincheck.adapters.storage import Storage
from raincheck.service.deliveries import Delivery
from tests.e2e.hosts import SETTINGS

SECRET = SETTINGS["RAINCHECK_WEBHOOK_SECRETS"].partition("=")[2]
SHORT = {"topic": "rain", "pieces": 2, "delay_ms": 1}


@dataclass
class Receiver:
    """What came to a receiver, and what it answers: the scripted statuses first, then 204."""

    url: str = ""
    script: list[str] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def documents(self) -> list[dict]:
        """Verify each body as a receiver's library does, and give it."""
        return [Webhook(SECRET).verify(body, headers) for headers, body in self.got]


@pytest.fixture(scope="module")
def hasty_url(running, azurite, app):
    """Base of a host whose delivery schedule takes four minutes instead of 72 hours."""
    with running(azurite, app, RAINCHECK_DELIVERY_SCALE="0.001") as base:
        yield base


@pytest.fixture
async def hasty(hasty_url):
    async with httpx.AsyncClient(base_url=hasty_url, timeout=60) as client:
        yield client


@asynccontextmanager
async def serving(receiver: Receiver):
    async def serve(reader, writer):
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
            headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head)}
            receiver.got.append((headers, await reader.readexactly(int(headers["content-length"]))))
            status = receiver.script.pop(0) if receiver.script else "204 No Content"
            writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
            await writer.drain()
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook?sig=s3cret"
    try:
        yield
    finally:
        server.close()


@pytest.fixture
async def receiver():
    receiver = Receiver()
    async with serving(receiver):
        yield receiver


async def until(condition: Callable[[], object], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - the receiver is another process's to call
            await asyncio.sleep(0.05)


async def started(
    api: httpx.AsyncClient, receiver: Receiver, flow="tell_story", value=None, **callback
) -> dict:
    body = {"input": value or SHORT, "background": True, "callback": {"url": receiver.url, **callback}}
    answer = await api.post(f"/flows/{flow}/runs", json=body)
    assert answer.status_code == 202, answer.text
    return answer.json()


async def test_a_receiver_gets_the_signed_status_document(hasty, receiver):
    """The body is what a poll gives, its tokens only read, and its URLs lead to the run."""
    run = await started(hasty, receiver)
    await until(lambda: receiver.got)
    (body,) = receiver.documents()
    assert (body["type"], body["data"]["status"], body["data"]["id"]) == (
        "run.succeeded",
        "Succeeded",
        run["id"],
    )
    assert body["data"]["result"]["text"]
    assert body["data"]["cancel_url"] is None
    assert receiver.got[0][0]["webhook-id"] == f"msg_{run['id']}_run.succeeded"
    polled = await hasty.get(body["data"]["status_url"])
    assert polled.json()["result"] == body["data"]["result"]


async def test_who_polls_at_the_callback_never_sees_it_running(hasty, receiver):
    """Posting comes after the outcome, whatever Durable's status says at that moment."""
    runs = [await started(hasty, receiver) for _ in range(5)]
    await until(lambda: len(receiver.got) >= len(runs))
    for body in receiver.documents():
        assert (await hasty.get(body["data"]["status_url"])).json()["status"] == "Succeeded"


async def test_a_receiver_that_was_down_gets_it_later_under_the_same_id(hasty, receiver):
    """Receivers drop what has an id they have seen; signatures are fresh."""
    receiver.script = [
        "503 Busy\r\nRetry-After: 1",
        "302 Found\r\nLocation: http://169.254.169.254/",
        "500 Oops",
    ]
    await started(hasty, receiver)
    await until(lambda: len(receiver.got) >= 4)
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert [body["type"] for body in receiver.documents()] == ["run.succeeded"] * 4


async def test_a_receiver_that_wants_no_more_is_a_dead_letter(hasty, receiver, azurite):
    """410 ends it at once; the row stays, and the alarm is raised."""
    receiver.script = ["410 Gone"]
    run = await started(hasty, receiver)
    storage = Storage.from_connection_string(azurite.connection_string)
    delivery = Delivery(run["id"], "run.succeeded")
    async with asyncio.timeout(30):
        while not ((row := await TableDeliveries(storage).get(delivery)) and row.state == "failed"):  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.1)
        alarms: list[str] = []
        queue = storage.queue(DEAD_LETTERS)
        while delivery.id not in alarms:
            with suppress(ResourceNotFoundError):  # the first alarm makes the queue
                messages = await queue.peek_messages(32)
                alarms = [json.loads(message.content)["delivery"] for message in messages]
            await asyncio.sleep(0.1)
    await storage.close()
    assert (row.attempts, row.status, len(receiver.got)) == (1, 410, 1)
    assert "s3cret" not in row.detail


async def test_a_cancelled_run_is_told_too(hasty, receiver):
    """Whoever started it may be another one than whoever cancelled it."""
    run = await started(hasty, receiver, value={"topic": "rain", "pieces": 2000, "delay_ms": 50})
    await hasty.post(run["cancel_url"])
    await until(lambda: receiver.got)
    (body,) = receiver.documents()
    assert (body["type"], body["data"]["error"]["code"]) == ("run.canceled", "canceled")


async def test_only_what_was_asked_for_is_sent(hasty, receiver):
    """`events` is the caller's choice."""
    await started(hasty, receiver, events=["run.failed"])
    wanted = await started(hasty, receiver)
    await until(lambda: receiver.got)
    assert [body["data"]["id"] for body in receiver.documents()] == [wanted["id"]]


@pytest.mark.parametrize(
    "callback",
    [
        {"url": "https://169.254.169.254/latest"},
        {"url": "http://10.0.0.1/"},
        {"url": "http://user:pass@127.0.0.1/"},
        {"url": "file:///etc/passwd"},
        {"url": "http://127.0.0.1/", "secret": "unknown"},
    ],
)
async def test_a_callback_that_can_never_be_posted_is_refused_at_the_start(hasty, callback):
    """The caller learns it now, not after 72 hours; nothing of the URL is repeated."""
    answer = await hasty.post("/flows/tell_story/runs", json={"input": SHORT, "callback": callback})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"].startswith("callback.")
    assert "pass" not in answer.text
