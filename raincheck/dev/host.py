"""The host that runs the app: devhost, or Core Tools' `func` where it is installed."""

import http.client
import json
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from raincheck.dev.children import Child, Failed
from raincheck.dev.machine import find_func

__all__ = ["Host", "HostKind", "environment_of"]

HostKind = Literal["dev", "func"]
_ENDS_WITHIN = 20.0  # seconds; devhost gives what runs ten
_OURS = ("PORT", "HOST", "STATE", "KEYS", "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES")
_HERE = "localhost,127.0.0.1"
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # no proxy knows this machine


class Host:
    """A running host. `log` takes its output; None: the terminal."""

    def __init__(
        self,
        kind: HostKind,
        app: Path,
        *,
        port: int,
        state: Path,
        env: Mapping[str, str],
        log: Path | None = None,
        keys: Path | None = None,
        watch: bool = True,
    ) -> None:
        self.url = f"http://localhost:{port}/api"
        self.log = log
        self._kind = kind
        if kind == "func":
            command = [find_func(), "start", "--port", str(port)]
        else:
            command = _devhost(app, port, state, keys, watch=watch)
        self.child = Child(command, log=log, env=environment_of(env), cwd=app)

    def healthy(self) -> bool:
        """Whether the app answers, its storage included."""
        try:
            with _DIRECT.open(f"{self.url}/health", timeout=5) as answer:
                document = json.load(answer)
        except (urllib.error.URLError, OSError, ValueError, http.client.HTTPException):
            return False
        return isinstance(document, dict) and document.get("status") == "ok"

    def wait_until_healthy(self, within: float = 60.0) -> None:
        """Wait until the app answers.

        Raises:
            Failed: the host ended, or took too long.
        """
        limit = time.monotonic() + within
        while not self.healthy():
            if self.child.code is not None:
                raise Failed(f"The host ended with code {self.child.code}.", self.log)
            if time.monotonic() > limit:
                raise Failed(f"The host did not answer {self.url}/health within {within:.0f} s.", self.log)
            time.sleep(0.1)

    def stop(self) -> int | None:
        """Let it end in good order, and kill it if it doesn't: what it recorded is safe."""
        number = signal.SIGINT if self._kind == "func" else signal.SIGTERM
        return self.child.stop(number, within=_ENDS_WITHIN, then_kill=True)


def _devhost(app: Path, port: int, state: Path, keys: Path | None, *, watch: bool) -> list[str]:
    command = [sys.executable, "-m", "raincheck_devhost", "--app", str(app)]
    command += ["--port", str(port), "--state", str(state)]
    return command + (["--keys", str(keys)] if keys else []) + ([] if watch else ["--no-watch"])


def environment_of(env: Mapping[str, str]) -> dict[str, str]:
    """Return the host's environment: this one's, what is passed, and what every start needs."""
    inherited = {name: value for name, value in os.environ.items() if name not in _OURS}
    direct = ",".join(filter(None, [inherited.get("no_proxy") or inherited.get("NO_PROXY"), _HERE]))
    return {
        **inherited,
        "no_proxy": direct,  # Azurite is on this machine, and a proxy is not the way there
        "NO_PROXY": direct,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "AZURE_FUNCTIONS_ENVIRONMENT": "Development",
        "FUNCTIONS_WORKER_RUNTIME": "python",
        "PYTHON_ENABLE_INIT_INDEXING": "1",  # what streams needs it on Python 3.12 and older
        **env,
    }
