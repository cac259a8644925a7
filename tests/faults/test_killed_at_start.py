"""The host is killed between what is written for a start and the start itself: nothing is lost or doubled."""

import threading
import time
import uuid

import httpx
import pytest

from tests.faults.host import wait_until

ENDED = {"Succeeded", "Failed", "Canceled"}
STORY = {"input": 3, "background": True}  # of the flow `counts`
GATE = '''

import asyncio
from pathlib import Path

from raincheck.adapters.orchestrations import DurableOrchestrations

_ask = DurableOrchestrations.start


async def _held(self, orchestrator, instance_id, payload):
    """Stop right before Durable is asked, for as long as the test keeps the gate shut."""
    gate = Path({gate!r})
    if gate.exists():
        (gate.parent / f"reached-{{instance_id}}").touch()
        await asyncio.sleep(600)
    await _ask(self, orchestrator, instance_id, payload)


DurableOrchestrations.start = _held
'''


@pytest.fixture
def gated(host, tmp_path):
    """Run the host; give a function that makes starts and kills the host when all of them reached Durable."""
    gate = tmp_path / "gate"
    with (tmp_path / "app" / "function_app.py").open("a") as app:
        app.write(GATE.format(gate=str(gate)))
    host.start()

    def kill_during(*requests):
        gate.touch()
        threads = [threading.Thread(target=_send, args=(host.url, request)) for request in requests]
        for thread in threads:
            thread.start()
        reached = wait_until(
            lambda: (found := list(tmp_path.glob("reached-*"))) and len(found) == len(requests) and found
        )
        host.kill()
        for thread in threads:
            thread.join()
        gate.unlink()
        host.start()
        return [path.name.removeprefix("reached-") for path in reached]

    return kill_during


def _send(url, request):
    try:
        httpx.post(f"{url}/flows/counts/runs", timeout=60, **request)
    except httpx.TransportError:
        return  # the host was killed, as it should be


def runs(call):
    """Give all runs of today, as those who manage them see them."""
    found, page = [], ""
    while page is not None:
        listed = call.get("/manage/runs", params={"page": page} if page else None).json()
        found += listed["runs"]
        page = listed["next_page"]
    return found


def start(call, **request):
    """Start as a client does that comes back when it is told to."""
    end = time.monotonic() + 90
    while (answer := call.post("/flows/counts/runs", **request)).status_code == 409:
        assert time.monotonic() < end
        time.sleep(int(answer.headers["retry-after"]))
    return answer


def test_the_retry_starts_exactly_one_run_and_under_the_same_id(gated, call):
    """Nobody can tell whether Durable was asked: the same id makes both starts one run."""
    request = {"json": STORY, "headers": {"Idempotency-Key": uuid.uuid4().hex}}
    [run_id] = gated(request)
    early = call.post("/flows/counts/runs", **request)
    answer = start(call, **request)
    assert (early.status_code, early.json()["code"]) == (409, "start_in_progress")
    assert (answer.status_code, answer.json()["id"]) == (202, run_id)
    wait_until(lambda: call.get(answer.json()["status_url"]).json()["status"] == "Succeeded")
    assert start(call, **request).headers["idempotency-replayed"] == "true"
    assert [run["id"] for run in runs(call)] == [run_id]


def test_a_message_that_was_lost_holds_up_no_other(gated, call):
    """Under each policy the next message gets its answer, and the lost one is told to have failed."""
    policies = ["finish", "enqueue", "reject", "interrupt"]

    def message(policy):
        return {"json": {**STORY, "conversation_id": policy, "on_newer": policy}}

    lost = gated(*(message(policy) for policy in policies))
    answers = {policy: call.post("/flows/counts/runs", **message(policy)) for policy in policies}
    assert {policy: answer.status_code for policy, answer in answers.items()} == {
        **dict.fromkeys(policies, 202),
        "reject": 409,
    }
    answers["reject"] = start(call, **message("reject"))

    def all_ended():
        shown = [call.get(answer.json()["status_url"]).json() for answer in answers.values()]
        return shown if {one["status"] for one in shown} <= ENDED else None

    assert {one["status"] for one in wait_until(all_ended, 100)} == {"Succeeded"}
    told = {run["id"]: (run["status"], (run["error"] or {}).get("code")) for run in runs(call)}
    assert {told[run_id] for run_id in lost} == {("Failed", "not_started")}
