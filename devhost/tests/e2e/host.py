"""The host as a process: started on a free port, spoken to over HTTP, ended in every way there is."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

APPS = Path(__file__).parent / "apps"
DURABLE = "/runtime/webhooks/durabletask"
_READY = re.compile(r"^Ready on (http://\S+)", re.MULTILINE)
_STARTS_WITHIN = 60.0


def eventually(look: Callable[[], Any], limit: float = 30.0, why: str = "") -> Any:
    """Look until there is something true, at most `limit` seconds."""
    end = time.monotonic() + limit
    while not (found := look()):
        assert time.monotonic() < end, f"not within {limit} s: {why or look}"
        time.sleep(0.02)
    return found


class Host:
    """A context: devhost runs inside it. `url` once it is ready; `output` is what it has said so far."""

    def __init__(
        self, app: Path, state: Path, *options: str, environment: dict[str, str] | None = None
    ) -> None:
        self.app, self.state, self._options = app, state, options
        self._environment = {
            **os.environ,
            "PYTHON_ENABLE_INIT_INDEXING": "1",
            **(environment or {}),
        }
        self.output = ""
        self.url = ""
        self.client = httpx.Client(timeout=30)
        self.process: subprocess.Popen[str] | None = None

    def launch(self, port: int = 0) -> Self:
        """Start the process without waiting."""
        self.output, self.url = "", ""
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-W", "error", "-m", "raincheck_devhost"),
                *("--app", self.app, "--state", self.state, "--port", str(port), *self._options),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self._environment,
        )
        self._reading = threading.Thread(target=self._read, args=(self.process,), daemon=True)
        self._reading.start()
        return self

    def start(self, port: int = 0) -> Self:
        """Start the process and wait until it is ready."""
        self.launch(port)
        self.ready()
        return self

    def ready(self, times: int = 1) -> None:
        """Wait until the start page has been shown so many times."""
        found = eventually(
            lambda: ((all_ := _READY.findall(self.output))[times - 1 :] and all_) or self._ended(),
            _STARTS_WITHIN,
            "devhost isn't ready",
        )
        self.url = found[-1]

    def _ended(self) -> None:
        assert self.process is not None
        assert self.process.poll() is None, f"devhost ended:\n{self.output}"

    def says(self, text: str, limit: float = 30.0) -> None:
        """Wait until the output holds a text."""
        eventually(lambda: text in self.output, limit, f"{text!r} in:\n{self.output}")

    def get(self, path: str, **more: Any) -> httpx.Response:
        """GET a path."""
        return self.client.get(self.url + path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        """POST to a path."""
        return self.client.post(self.url + path, **more)

    def run(self, orchestrator: str, instance: str, given: Any = None) -> None:
        """Start an orchestration."""
        answer = self.post(f"{DURABLE}/orchestrators/{orchestrator}/{instance}", json=given)
        assert answer.status_code == 202, answer.text

    def status(self, instance: str) -> dict[str, Any]:
        """Return the status document of an orchestration, empty if there is none."""
        answer = self.get(f"{DURABLE}/instances/{instance}")
        return json.loads(answer.text) if answer.text else {}

    def result(self, instance: str, limit: float = 60.0) -> Any:
        """Wait for an orchestration to complete and give its output."""
        ends = ("Completed", "Failed", "Terminated")
        found = eventually(
            lambda: (it := self.status(instance)).get("runtimeStatus") in ends and it,
            limit,
            f"{instance} doesn't end:\n{self.output[-3000:]}",
        )
        assert found["runtimeStatus"] == "Completed", found
        return found["output"]

    def workers(self) -> list[int]:
        """Return the process ids of the worker processes."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(each) for each in children.read_text().split()] if children.exists() else []

    def kill(self) -> None:
        """End it as a power cut would."""
        self._signal(signal.SIGKILL)

    def stop(self, limit: float = 30.0) -> int:
        """End it by SIGTERM and give the exit code."""
        self._signal(signal.SIGTERM)
        return self.exit_code(limit)

    def exit_code(self, limit: float = 30.0) -> int:
        """Wait for the end."""
        assert self.process is not None
        code = self.process.wait(limit)
        self._reading.join(10)
        return code

    def _signal(self, number: int) -> None:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(number)
        if number == signal.SIGKILL:
            self.exit_code()

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                self.output += line

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process is not None:
            self.kill()
        self.client.close()


def gone(pid: int) -> bool:
    """Whether a process has ended (or is only waited for)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"
