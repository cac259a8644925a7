"""`make up`, as a test sees it: a process with output, children and an exit code."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]
_LIMIT = 60.0


class Up:
    """A context: `raincheck dev` runs inside it and answers when the block begins."""

    def __init__(self, state, port, app=ROOT):
        self.state = state
        self.url = f"http://localhost:{port}/api"
        self._output = state.with_name(f"{state.name}.out")
        env = {name: value for name, value in os.environ.items() if not name.startswith("RAINCHECK_")}
        with self._output.open("wb") as sink:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "raincheck", "dev", "--port", str(port), "--state", str(state)],
                cwd=app,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
            )

    @property
    def output(self):
        return self._output.read_text()

    def __enter__(self):
        try:
            until(lambda: "Ready:" in self.output or self.process.poll() is not None)
            assert "Ready:" in self.output, self.output
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.end(signal.SIGTERM)

    def end(self, number):
        """Signal it; give its exit code."""
        self.process.send_signal(number)
        return self.process.wait(_LIMIT)

    def kill_host(self):
        """Kill the host without a warning; give the exit code of the whole."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        host = next(pid for pid in children if b"devhost" in Path(f"/proc/{pid}/cmdline").read_bytes())
        os.kill(int(host), signal.SIGKILL)
        return self.process.wait(_LIMIT)

    def azurite_listens(self):
        return listens(int(re.search(r"Blob http://127\.0\.0\.1:(\d+)", self.output)[1]))

    def order(self):
        """Start a run that ends at once; give its status document."""
        given = {"input": {"employee": "Ada", "model": "X1", "price": 900}}
        return httpx.post(f"{self.url}/flows/order_laptop/runs", json=given, timeout=30).json()


def until(condition, limit=_LIMIT):
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
