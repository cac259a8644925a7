"""Hosts for tests: devhost, or Core Tools' `func`, with a copy of the app."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

__all__ = ["ROOT", "copy_of_app", "running_host"]

ROOT = Path(__file__).parents[2]
SETTINGS = {
    "AZURE_FUNCTIONS_ENVIRONMENT": "Development",
    "FUNCTIONS_WORKER_RUNTIME": "python",
    "PYTHON_ENABLE_INIT_INDEXING": "1",
    "RAINCHECK_SIGNING_KEYS": "e2e-signing-key-e2e-signing-key-e2e",
    "RAINCHECK_WEBHOOK_SECRETS": "default=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=",
    "RAINCHECK_CALLBACK_HOSTS": "127.0.0.1,localhost",
}
_STARTS_WITHIN, _ENDS_WITHIN = 60.0, 20.0  # seconds


def copy_of_app(folder: Path, orchestrators: Path = ROOT / "orchestrators") -> Path:
    """Copy what the cloud gets, with these flows: an edit meanwhile must not restart a host within a test."""
    ignored = shutil.ignore_patterns("__pycache__")
    for room in ("raincheck", "activities"):
        shutil.copytree(ROOT / room, folder / room, ignore=ignored)
    shutil.copytree(orchestrators, folder / "orchestrators", ignore=ignored)
    for file in ("function_app.py", "host.json"):
        shutil.copy(ROOT / file, folder)
    return folder


@contextmanager
def running_host(
    kind: str, *, app: Path, folder: Path, storage: str, keys: Path | None = None, **settings: str
) -> Iterator[str]:
    """Run a host; give the base of its API, e.g. `http://127.0.0.1:7071/api`.

    Args:
        kind: `dev` or `func`.
        app: the app's folder.
        folder: for its state and its log.
        storage: the connection string.
        keys: a file of keys to enforce (devhost only).
        settings: further app settings.
    """
    port = _free_port()
    command = [sys.executable, "-m", "raincheck_devhost", "--app", str(app), "--port", str(port)]
    command += ["--state", str(folder / "state"), "--no-watch", *(["--keys", str(keys)] if keys else [])]
    if kind == "func":
        command = ["func", "start", "--port", str(port)]
    env = {**os.environ, **SETTINGS, "AzureWebJobsStorage": storage, **settings}
    log = folder / "host.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command,
            cwd=app if kind == "func" else ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a Ctrl-C on the tests must not hit it before they are done
        )
    try:
        base = f"http://127.0.0.1:{port}/api"
        _wait_until_healthy(process, base, log)
        yield base
    finally:
        process.send_signal(signal.SIGINT if kind == "func" else signal.SIGTERM)
        try:
            process.wait(_ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_healthy(process: "subprocess.Popen[bytes]", base: str, log: Path) -> None:
    limit = time.monotonic() + _STARTS_WITHIN
    while process.poll() is None and time.monotonic() < limit:
        try:
            if httpx.get(f"{base}/health", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"The host did not start:\n{log.read_text(errors='replace')[-3000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
