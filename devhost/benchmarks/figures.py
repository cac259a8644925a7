# ruff: noqa: T201 - a script that prints figures
"""Start time, HTTP latency, orchestration time and memory of the host.

    python -m benchmarks.figures

Memory is PSS (shared pages divided among the processes), from /proc; Linux only.
"""

import re
import statistics
import tempfile
import time
from pathlib import Path

from e2e.host import APPS, Host

_PATHS = {"plain": "/api/hello", "fa": "/api/syncfn", "durable": "/api/ping"}


def main() -> None:
    """Print a block per app."""
    for app, path in _PATHS.items():
        with tempfile.TemporaryDirectory() as folder:
            host = Host(APPS / app, Path(folder), "--no-watch")
            starts = [_start(host, path) for _ in range(3)]
            print(f"{app}: start to first 200 {min(starts):.2f}-{max(starts):.2f} s")
            print(f"  answer {_latency(host, path)}, 404 without a worker {_latency(host, '/api/none/none')}")
            if app == "durable":
                _orchestrations(host)
            print(f"  memory {_memory(host)} MB (host, front worker, pool)")
            host.__exit__(None, None, None)


def _start(host: Host, path: str) -> float:
    if host.process is not None:
        host.stop()
    began = time.monotonic()
    host.start()
    host.get(path).raise_for_status()
    return time.monotonic() - began


def _latency(host: Host, path: str) -> str:
    times = []
    for _ in range(300):
        began = time.perf_counter()
        host.get(path)
        times.append((time.perf_counter() - began) * 1000)
    return f"{statistics.median(times):.1f} ms (p95 {sorted(times)[285]:.1f})"


def _orchestrations(host: Host) -> None:
    began = time.monotonic()
    host.run("chain", "long", {"steps": 20})
    host.result("long")
    print(f"  20 activities in turn and 4 at once: {time.monotonic() - began:.2f} s")
    began = time.monotonic()
    for number in range(50):
        host.run("chain", f"run-{number}", {"steps": 5})
    for number in range(50):
        host.result(f"run-{number}")
    print(f"  50 runs of 9 activities: {time.monotonic() - began:.2f} s")


def _memory(host: Host) -> list[int]:
    assert host.process is not None  # noqa: S101 - started above
    rollups = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in (host.process.pid, *host.workers())]
    return [int(re.findall(r"^Pss:\s+(\d+)", each, re.MULTILINE)[0]) // 1024 for each in rollups]


if __name__ == "__main__":
    main()
