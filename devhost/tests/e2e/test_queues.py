import base64
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from azure.storage.queue import QueueClient

from e2e.host import Host, eventually

_RECORDED = {
    "plain text": ["plain text"],
    '{"a":1,"b":[1,2]}': ['{\n  "a": 1,\n  "b": [\n    1,\n    2\n  ]\n}'],
    "[1,2]": ["1", "2"],
    '"str"': ['"str"'],
    "5": ["5"],
}


@pytest.fixture
def queued(devhost: Callable[..., Host], azurite: str, notes: Path) -> Any:
    """Start a host of the queue app; yield it, a queue of its own, and a reader of what was noted."""
    name = f"q{uuid.uuid4().hex}"
    environment = {"AzureWebJobsStorage": azurite, "QUEUE": name, "NOTES": str(notes)}
    host = devhost("queued", "--no-watch", **environment).start()

    def seen() -> list[dict[str, Any]]:
        return [json.loads(each) for each in notes.read_text().splitlines()]

    return host, name, seen


def _messages(azurite: str, name: str) -> list[str]:
    with QueueClient.from_connection_string(azurite, name) as client:
        return [each.content for each in client.peek_messages(32)]


def test_bodies_are_serialized_as_recorded(queued: Any) -> None:
    """Objects are indented, arrays split, everything else goes as it is."""
    host, _, seen = queued
    for given in _RECORDED:
        assert host.post("/api/enq", content=given).text == "queued"
    host.post("/api/enqlist")
    host.post("/api/enqmsg")
    wanted = [body for bodies in _RECORDED.values() for body in bodies]
    wanted += ["one", '{"b": 2}', '{\n  "id": null,\n  "body": "{\\"c\\": 3}"\n}']
    eventually(lambda: len(seen()) >= len(wanted))
    assert sorted(each["body"] for each in seen()) == sorted(wanted)


def test_a_failed_function_sends_nothing(queued: Any) -> None:
    """Outputs go out when the function has ended well."""
    host, _, seen = queued
    assert host.post("/api/enq?fail=1", content="lost").status_code == 500
    host.post("/api/enq", content="sent")
    eventually(seen)
    assert [each["body"] for each in seen()] == ["sent"]


@pytest.mark.parametrize("body", ["bad", "die"])
def test_a_message_that_fails_or_kills_ends_in_the_poison_queue(queued: Any, azurite: str, body: str) -> None:
    """After maxDequeueCount tries, with the same text; the queue is empty then."""
    host, name, seen = queued
    host.post("/api/enq", content=body)
    host.says(f"has been moved to {name}-poison")
    assert _messages(azurite, f"{name}-poison") == [base64.b64encode(body.encode()).decode()]
    assert [each["count"] for each in seen()] == [1, 2]


def test_what_is_not_base64_never_reaches_python(queued: Any, azurite: str) -> None:
    """A message in the wrong encoding has been moved to the poison queue as it is."""
    host, name, seen = queued
    host.post("/api/enq", content="first")
    eventually(seen)
    with QueueClient.from_connection_string(azurite, name) as client:
        client.send_message('{"plain": 1}')
    host.says(f"has been moved to {name}-poison")
    assert _messages(azurite, f"{name}-poison") == ['{"plain": 1}']
    assert len(seen()) == 1
