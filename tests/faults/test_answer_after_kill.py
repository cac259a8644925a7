"""A run waits for a person while hosts die; what a person said is never lost."""

import asyncio
import contextlib
import threading
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from raincheck.adapters.answers import TableAnswerRows
from raincheck.adapters.storage import Storage
from raincheck.adapters.unfinished import TableUnfinished
from raincheck.payloads import Answer
from raincheck.service.answers import ANSWER
from tests.faults.host import wait_until


def asked(call, flow: str, questions: int = 1) -> dict:
    """Start a run and wait until it asks; give its document."""
    url = call.post(f"/flows/{flow}/runs", json={"input": {}, "background": True}).json()["status_url"]

    def asks():
        document = call.get(url).json()
        return document if len(document["input_requests"]) == questions else None

    return wait_until(asks)


def test_an_approval_waits_through_kills(host, call):
    """Days may pass between question and answer, and hosts come and go."""
    host.start()
    url = asked(call, "ask_three", 3)["status_url"]
    host.kill()
    host.start()
    requests = wait_until(lambda: call.get(url).json()["input_requests"])
    for request in requests[:2]:
        taken = call.post(request["answer_url"], json={"value": {"colour": request["id"]}})
        assert taken.status_code == 202
    host.kill()
    host.start()
    last = call.post(requests[2]["answer_url"], json={"value": {"colour": "last"}})
    assert last.status_code == 202
    done = wait_until(lambda: call.get(url).json()["result"])
    assert done == ["q1", "q2", "last"]


@pytest.mark.parametrize("delay", [0.0, 0.01, 0.03, 0.06])
def test_an_answer_that_a_kill_cuts_off_may_be_given_again(host, call, delay):
    """Whether it was taken or not: the same again is 202, and the run goes on with it."""
    host.start()
    document = asked(call, "ask_once")
    [request] = document["input_requests"]
    red = {"value": {"colour": "red"}}
    killing = threading.Timer(delay, host.kill)
    killing.start()
    with contextlib.suppress(httpx.TransportError):
        call.post(request["answer_url"], json=red)
    killing.join()
    host.start()
    assert call.post(request["answer_url"], json=red).status_code == 202
    assert wait_until(lambda: call.get(document["status_url"]).json()["result"]) == "red"


def test_an_answer_whose_event_was_lost_is_raised_by_the_sweeper(host, call, storage):
    """The host died between the answer's row and its event."""
    host.start()
    document = asked(call, "ask_once")
    host.kill()
    asyncio.run(_leave_an_answer(storage.connection_string, document["id"]))
    host.start()
    assert call.get(document["status_url"]).json()["input_requests"] == [], "it has been answered"
    httpx.post(f"{host.url.removesuffix('/api')}/admin/functions/sweep", json={"input": ""})
    assert wait_until(lambda: call.get(document["status_url"]).json()["result"]) == "red"


async def _leave_an_answer(connection_string: str, run_id: str) -> None:
    """Write what an answer writes before its event, two minutes ago."""
    storage = Storage.from_connection_string(connection_string)
    then = datetime.now(UTC) - timedelta(minutes=2)
    await TableUnfinished(storage, lambda: then).add(ANSWER, f"{run_id}|q1")
    taken = Answer(kind="answered", value_json='{"colour":"red"}')
    await TableAnswerRows(storage).decide(run_id, "q1", taken)
    await storage.close()
