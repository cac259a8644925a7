import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from e2e.host import APPS, Host, eventually

SLOW_WITH_TIMER = """
import time
import azure.functions as func
time.sleep(6)
app = func.FunctionApp()

@app.timer_trigger(arg_name="timer", schedule="* * * * * *")
def tick(timer: func.TimerRequest) -> None:
    pass
"""


def test_sigterm_lets_a_running_activity_end(devhost: Callable[..., Host], notes: Path) -> None:
    """What can end within the grace period does, and its result is kept for the next start."""
    host = devhost("durable", "--no-watch", "--grace", "20").start()
    host.run("one", "ending", {"activity": "block", "seconds": 2, "notes": str(notes)})
    eventually(lambda: "began" in notes.read_text())
    assert host.stop() == 0
    host.start()
    assert host.result("ending") == "slept"
    assert notes.read_text().split() == ["began", "ended"]


def test_what_outlasts_the_grace_period_runs_again(devhost: Callable[..., Host], notes: Path) -> None:
    """SIGTERM doesn't wait for ever, and nothing is lost by that."""
    host = devhost("durable", "--no-watch", "--grace", "1").start()
    host.run("one", "cut", {"activity": "block", "seconds": 5, "notes": str(notes)})
    eventually(lambda: "began" in notes.read_text())
    began = time.monotonic()
    assert host.stop() == 0
    assert time.monotonic() - began < 4.5
    host.start()
    assert host.result("cut") == "slept"
    assert notes.read_text().split() == ["began", "began", "ended"]


def test_a_signal_to_the_whole_group_lets_a_running_activity_end(
    devhost: Callable[..., Host], notes: Path
) -> None:
    """Ctrl-C in a terminal and `timeout` signal the workers too: they leave the decision to the host."""
    host = devhost("durable", "--no-watch", "--grace", "20").start()
    host.run("one", "group", {"activity": "block", "seconds": 2, "notes": str(notes)})
    eventually(lambda: "began" in notes.read_text())
    for worker in host.workers():
        os.kill(worker, signal.SIGTERM)
    assert host.stop() == 0
    assert notes.read_text().split() == ["began", "ended"]


def test_a_second_signal_ends_at_once(devhost: Callable[..., Host], notes: Path) -> None:
    """Whoever presses Ctrl-C twice means it."""
    host = devhost("durable", "--no-watch", "--grace", "60").start()
    host.run("one", "impatient", {"activity": "block", "seconds": 60, "notes": str(notes)})
    eventually(lambda: "began" in notes.read_text())
    assert host.process is not None
    host.process.send_signal(signal.SIGINT)
    host.says("ending")
    host.process.send_signal(signal.SIGINT)
    assert host.exit_code(5) == 128 + signal.SIGINT


def test_a_timer_that_waits_for_a_worker_does_not_keep_the_host(
    devhost: Callable[..., Host], app_of: Callable[..., Path]
) -> None:
    """The processes of the pool may still import the app when the host is told to end."""
    host = devhost(app_of(SLOW_WITH_TIMER), "--no-watch", "--grace", "1").start()
    host.says("timer tick runs")
    assert host.stop(10) == 0


def test_a_killed_host_goes_on_where_it_was(devhost: Callable[..., Host]) -> None:
    """SIGKILL in the middle of a chain: the next start ends it with the right result."""
    host = devhost("durable", "--no-watch").start()
    host.run("chain", "survivor", {"steps": 8, "seconds": 0.2})
    host.says("activity count #2 of survivor done")
    host.kill()
    host.start()
    assert host.result("survivor") == 28 + 12


def test_runs_survive_an_edit(devhost: Callable[..., Host], app_of: Callable[..., Path]) -> None:
    """A reload in the middle of a chain loses nothing; what comes after it runs the new code."""
    code = (APPS / "durable" / "function_app.py").read_text()
    root = app_of(code)
    host = devhost(root).start()
    host.run("chain", "edited", {"steps": 10, "seconds": 0.3})
    host.says("activity count #1 of edited done")
    (root / "function_app.py").write_text(code.replace("number * 2", "number * 200"))
    host.ready(2)
    assert host.result("edited") == 45 + 1200


def test_a_syntax_error_pauses_runs_and_the_fix_resumes_them(
    devhost: Callable[..., Host], app_of: Callable[..., Path]
) -> None:
    """A broken edit must not fail what waits for the fixed one."""
    code = (APPS / "durable" / "function_app.py").read_text()
    root = app_of(code)
    host = devhost(root).start()
    host.run("chain", "paused", {"steps": 6, "seconds": 0.3})
    host.says("activity count #0 of paused done")
    (root / "function_app.py").write_text(code + "\ndef broken(:\n")
    host.says("SyntaxError")
    assert host.get("/api/ping").status_code == 503
    (root / "function_app.py").write_text(code)
    host.ready(2)
    assert host.result("paused") == 15 + 12


def test_a_state_that_cannot_be_read_is_said(devhost: Callable[..., Host]) -> None:
    """Exit code 2 and the cause: nothing is overwritten."""
    host = devhost("durable", "--no-watch")
    host.state.mkdir(parents=True)
    (host.state / "devhost.sqlite").write_bytes(b"no database " * 1000)
    host.launch()
    assert host.exit_code() == 2
    assert "can't be used: file is not a database" in host.output
