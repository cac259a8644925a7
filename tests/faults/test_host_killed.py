"""The host is killed at any moment and started again: runs go on, and what was recorded isn't done twice."""

import collections
import re

import httpx

from raincheck.run import AT_ONCE
from tests.faults.host import wait_until


def test_a_fan_out_goes_on_after_a_kill_and_repeats_no_recorded_step(host, call):
    """What the history holds when the host dies is not executed again."""
    host.start()
    started = call.post("/flows/counts/runs", json={"input": 300, "background": True}).json()
    instance = f"{host.management}/instances/{started['id']}?showHistory=true"

    def recorded():
        history = httpx.get(instance).json().get("historyEvents") or []
        done = [event for event in history if event["EventType"] == "TaskCompleted"]
        return len(done) if 40 < len(done) < 250 else 0

    before = wait_until(recorded)
    executed_before = executions(host.log, started["id"])
    host.kill()
    host.start()

    def succeeded():
        document = call.get(started["status_url"]).json()
        assert document["status"] in {"NotStarted", "Running", "Succeeded"}
        return document if document["status"] == "Succeeded" else None

    assert wait_until(succeeded, 120)["result"] == 300
    twice = [step for step, times in executions(host.log, started["id"]).items() if times > 1]
    in_flight = max(0, len(executed_before) - before)  # done, and not yet recorded when it was killed
    assert len(twice) <= in_flight + AT_ONCE, "so many steps are under way at once"
    assert len(executions(host.log, started["id"])) == 300


def executions(log: str, run_id: str) -> collections.Counter[str]:
    """Count how often each step of a run was executed to its end."""
    return collections.Counter(re.findall(rf"activity ledger (#\d+) of {run_id} done", log))


def test_a_run_that_waits_goes_on_after_a_kill(host, call):
    """A retry that waits for its timer needs nobody to remember it."""
    host.start()
    started = call.post("/flows/flow_exhausted/runs", json={"input": {}, "background": True}).json()
    wait_until(lambda: "never_succeed" in host.log)
    host.kill()
    host.start()

    def ended():
        document = call.get(started["status_url"]).json()
        return document if document["status"] == "Failed" else None

    assert wait_until(ended)["error"]["code"] == "retries_exhausted"


def test_tokens_stay_good_over_a_restart(host, call):
    """A token is a promise for days."""
    host.start()
    started = call.post("/flows/flow_slow/runs", json={"input": {"size": 3}, "background": False}).json()
    host.kill()
    host.start()
    assert call.get(started["status_url"]).json()["result"] == "xxx"
