"""How fast devhost is by itself: start to running, step to step, runs per second, memory.

Everything goes over HTTP through Durable's management API. Memory is PSS (pages that processes share are
divided among them), from /proc, on Linux only.
"""

import asyncio
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

__all__ = ["NotReady", "pace"]

_APP = Path(__file__).parent / "pace_app"
_READY = re.compile(r"^Ready on (http://\S+)$", re.MULTILINE)
_STEPS, _OPEN = 50, 1_000
_LIMIT = 60.0  # seconds


class NotReady(Exception):
    """The host did not start, or a run did not end."""


async def pace() -> list[str]:
    """Measure; return the lines to print.

    Raises:
        NotReady: the host did not start, or a run did not end.
    """
    with tempfile.TemporaryDirectory(prefix="devhost-pace-") as name, _host(Path(name)) as (process, url):
        async with httpx.AsyncClient(base_url=url, timeout=_LIMIT, trust_env=False) as http:
            await _done(http, [await _start(http, "steps", 1)])  # the first one imports
            rest = _memory(process.pid)
            begun = statistics.median([await _start_to_running(http) for _ in range(20)])
            before = time.perf_counter()
            await _done(http, [await _start(http, "steps", _STEPS)])
            step = (time.perf_counter() - before) / _STEPS
            lines = [
                f"devhost, start to running: {begun * 1000:.0f} ms; step to step: {step * 1000:.1f} ms",
                "devhost, runs of one step per second: "
                + ", ".join([f"{await _rate(http, n):.0f} with {n} at once" for n in (1, 10, 100)]),
            ]
            await asyncio.gather(*(_start(http, "waits", None) for _ in range(_OPEN)))
            lines.append(
                f"devhost, memory: {rest} MB at rest, {_memory(process.pid)} MB with {_OPEN:,} open runs"
            )
            return lines


@contextmanager
def _host(folder: Path) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    command = [sys.executable, "-m", "raincheck_devhost", "--app", str(_APP), "--port", "0", "--no-watch"]
    command += ["--state", str(folder / "state"), "--grace", "0"]
    log = folder / "host.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(command, stdout=sink, stderr=sink)  # noqa: S603 - our own program
    try:
        yield process, f"{_origin(process, log)}/runtime/webhooks/durabletask"
    finally:
        process.terminate()
        try:
            process.wait(_LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _origin(process: "subprocess.Popen[bytes]", log: Path) -> str:
    """Wait until the host serves; return where."""
    end = time.monotonic() + _LIMIT
    while time.monotonic() < end and process.poll() is None:
        if ready := _READY.search(log.read_text()):
            return ready[1]
        time.sleep(0.05)
    raise NotReady(f"devhost did not start:\n{log.read_text()[-2000:]}")


async def _start(http: httpx.AsyncClient, name: str, value: int | None) -> str:
    started = await http.post(f"/orchestrators/{name}", json={"steps": value})
    run_id: str = started.raise_for_status().json()["id"]
    return run_id


async def _status(http: httpx.AsyncClient, run_id: str) -> str:
    status: str = (await http.get(f"/instances/{run_id}")).json()["runtimeStatus"]
    return status


async def _done(http: httpx.AsyncClient, run_ids: list[str]) -> None:
    end = time.monotonic() + _LIMIT
    for run_id in run_ids:
        while await _status(http, run_id) != "Completed":
            if time.monotonic() > end:
                raise NotReady(f"{run_id} did not end")
            await asyncio.sleep(0.005)


async def _start_to_running(http: httpx.AsyncClient) -> float:
    before = time.perf_counter()
    run_id = await _start(http, "waits", None)
    while await _status(http, run_id) == "Pending":
        pass
    return time.perf_counter() - before


async def _rate(http: httpx.AsyncClient, at_once: int) -> float:
    """Runs per second, so many started at the same moment; a second of it at the least."""
    before, made = time.perf_counter(), 0
    while made == 0 or time.perf_counter() - before < 1:
        await _done(http, list(await asyncio.gather(*(_start(http, "steps", 1) for _ in range(at_once)))))
        made += at_once
    return made / (time.perf_counter() - before)


def _memory(pid: int) -> int:
    """Megabytes of a process and its children; 0 where /proc isn't there."""
    pids, total = [pid], 0
    for each in pids:
        try:
            pids += map(int, Path(f"/proc/{each}/task/{each}/children").read_text().split())
            found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{each}/smaps_rollup").read_text(), re.MULTILINE)
        except OSError:
            continue
        total += int(found[1]) if found else 0
    return total // 1024
