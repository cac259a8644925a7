import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from e2e.host import APPS, Host, eventually, gone


def test_http_and_orchestrators_go_on_while_an_activity_blocks(
    devhost: Callable[..., Host], notes: Path
) -> None:
    """An activity that holds its process must not hold anybody else."""
    host = devhost("durable", "--no-watch", "--workers", "2").start()
    host.run("one", "blocked", {"activity": "block", "seconds": 30, "notes": str(notes)})
    eventually(lambda: "began" in notes.read_text())
    began = time.monotonic()
    assert host.get("/api/ping").text == "pong"
    host.run("chain", "beside", {"steps": 3})
    assert host.result("beside") == 15
    assert time.monotonic() - began < 10


def test_an_activity_that_crashes_its_process_runs_again(devhost: Callable[..., Host], notes: Path) -> None:
    """A dead process is no answer: the activity is given out again, to the process that took its place."""
    host = devhost("durable", "--no-watch", "--workers", "1").start()
    host.run("one", "crashing", {"activity": "crash", "times": 3, "notes": str(notes)})
    assert host.result("crashing") == 3
    assert host.get("/api/ping").text == "pong"


def test_an_http_function_that_crashes_the_process_is_500_and_it_is_replaced(
    devhost: Callable[..., Host],
) -> None:
    """The next request is answered by another process."""
    host = devhost("durable", "--no-watch").start()
    before = host.get("/api/pid").text
    assert host.get("/api/die").status_code == 500
    after = host.get("/api/pid")
    assert (after.status_code, after.text != before) == (200, True)


def test_an_activity_can_start_an_orchestration(devhost: Callable[..., Host]) -> None:
    """A durable client binding works in an activity."""
    host = devhost("durable", "--no-watch").start()
    host.run("one", "outer", {"activity": "starter", "number": 7})
    assert host.result(host.result("outer")) == 7


def test_an_http_function_can_start_an_orchestration(devhost: Callable[..., Host]) -> None:
    """The SDK's own status response names a URL that answers."""
    host = devhost("durable", "--no-watch").start()
    answer = host.post("/api/start/chain", json={"steps": 2})
    assert answer.status_code == 202
    assert host.result(answer.json()["id"]) == 13
    assert host.client.get(answer.headers["location"]).json()["output"] == 13


def test_function_timeout_fails_the_call_and_replaces_the_process(
    devhost: Callable[..., Host], app_of: Callable[..., Path]
) -> None:
    """host.json's functionTimeout is kept, for coroutines and for code that blocks."""
    code = (APPS / "durable" / "function_app.py").read_text()
    host = devhost(app_of(code, '{"version": "2.0", "functionTimeout": "00:00:01"}'), "--no-watch").start()
    before = host.get("/api/pid").text
    assert host.get("/api/stuck").status_code == 500
    assert host.get("/api/pid").text != before


def test_one_process_for_everything(devhost: Callable[..., Host], notes: Path) -> None:
    """--workers 0 is Azure's default: one worker process."""
    host = devhost("durable", "--no-watch", "--workers", "0").start()
    host.run("one", "alone", {"activity": "scribble", "notes": str(notes)})
    assert host.result("alone") == 1
    assert len(host.workers()) == 1


@pytest.mark.skipif(not Path("/proc").exists(), reason="reads /proc")
def test_no_process_outlives_a_killed_host(devhost: Callable[..., Host], notes: Path) -> None:
    """A worker that went on would do the work a second time, beside the next host."""
    host = devhost("durable", "--no-watch").start()
    host.run("one", "blocked", {"activity": "block", "seconds": 60, "notes": str(notes)})
    eventually(lambda: "began" in notes.read_text())
    workers = host.workers()
    assert len(workers) == 3
    host.kill()
    eventually(lambda: all(gone(each) for each in workers), 2)


@pytest.mark.skipif(not Path("/proc").exists(), reason="reads /proc")
def test_a_killed_worker_is_replaced(devhost: Callable[..., Host], notes: Path) -> None:
    """Whatever kills a process, its activities end with the right result."""
    host = devhost("durable", "--no-watch", "--workers", "1").start()
    given = {"activity": "block", "seconds": 1, "notes": str(notes)}
    host.run("one", "killed", given)
    eventually(lambda: "began" in notes.read_text())
    os.kill(host.workers()[-1], signal.SIGKILL)
    assert host.result("killed") == "slept"
    assert notes.read_text().split() == ["began", "began", "ended"]


def test_an_activity_over_the_function_timeout_fails_its_run(
    devhost: Callable[..., Host], app_of: Callable[..., Path], notes: Path
) -> None:
    """Code that blocks for ever ends as a failure with the cause, and its process is replaced."""
    code = (APPS / "durable" / "function_app.py").read_text()
    root = app_of(code, '{"version": "2.0", "functionTimeout": "00:00:02"}')
    host = devhost(root, "--no-watch", "--workers", "1").start()
    host.run("one", "endless", {"activity": "block", "seconds": 60, "notes": str(notes)})
    ended = eventually(lambda: (it := host.status("endless"))["runtimeStatus"] == "Failed" and it)
    assert "Timeout value of 2.0 s was exceeded by function: Functions.block" in ended["output"]
    host.run("chain", "next", {"steps": 2})
    assert host.result("next") == 13
