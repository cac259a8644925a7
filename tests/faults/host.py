"""A devhost that can be killed and started again on the same state and port."""

import os
import subprocess
import sys
import time
from pathlib import Path

import httpx

from tests.e2e.hosts import ROOT, SETTINGS, _free_port

__all__ = ["KillableHost", "wait_until"]

_STARTS_WITHIN = 60.0  # seconds


class KillableHost:
    """Runs the app in `app` with its state in `folder`."""

    def __init__(self, app: Path, folder: Path, storage: str, **settings: str) -> None:
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}/api"
        self.management = f"http://127.0.0.1:{self.port}/runtime/webhooks/durabletask"
        self._folder = folder
        self._command = [
            sys.executable,
            "-m",
            "raincheck_devhost",
            "--app",
            str(app),
            "--port",
            str(self.port),
        ]
        self._command += ["--state", str(folder / "state"), "--no-watch", "--grace", "2"]
        self._env = {**os.environ, **SETTINGS, "AzureWebJobsStorage": storage, **settings}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, healthy: int = 200) -> None:
        """Start it and wait until `health` answers with this status."""
        with (self._folder / "host.log").open("ab") as sink:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_until(lambda: _health(self.url) == healthy, _STARTS_WITHIN)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End it in order."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    @property
    def log(self) -> str:
        """What it has printed."""
        return (self._folder / "host.log").read_text(errors="replace")


def wait_until(look, limit: float = 60.0):
    """Look until there is something true; give it."""
    end = time.monotonic() + limit
    while not (seen := look()):
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.05)
    return seen


def _health(url: str) -> int | None:
    try:
        return httpx.get(f"{url}/health", timeout=5).status_code
    except httpx.TransportError:
        return None
