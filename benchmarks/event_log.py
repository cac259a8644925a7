"""What event logs cost: lines a second by producers and processes, and reading by where a reader stands.

Run it as `python -m benchmarks.event_log`; it starts an Azurite of its own. Absolute figures are the
machine's; the ratios, all from one run, are what to compare.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from raincheck.adapters.event_log import BlobEventLog
from raincheck.adapters.storage import Storage
from raincheck.events import Event, Position
from raincheck.run_ids import new_run_id
from tests.azurite import Azurite

SECONDS = 3.0
LONG = 100_000
TEXT = "x" * 80  # a line of about 200 bytes


def clock() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


async def produce(log: BlobEventLog, run_id: str, key: int, until: float) -> int:
    """Write lines, each stored before the next; return how many."""
    writer = log.writer(run_id, flow="bench", step="produce", step_key=str(key), attempt=1)
    lines = 0
    while time.monotonic() < until:
        await writer.write(Event("output.text.delta", {"text": TEXT}))
        await writer.flush()
        lines += 1
    return lines


async def lines_a_second(logs: list[BlobEventLog]) -> float:
    """Let one producer per given log write one run at once: the same log twice is one process."""
    run_id = new_run_id(clock())
    began = time.monotonic()
    lines = await asyncio.gather(
        *(produce(log, run_id, key, began + SECONDS) for key, log in enumerate(logs))
    )
    return sum(lines) / (time.monotonic() - began)


async def stream(log: BlobEventLog) -> tuple[str, float]:
    """Write a long log without waiting for each line; return its run and the lines a second."""
    run_id = new_run_id(clock())
    writer = log.writer(run_id, flow="bench", step="produce", step_key="1", attempt=1)
    began = time.monotonic()
    for _ in range(LONG):
        await writer.write(Event("output.text.delta", {"text": TEXT}))
    await writer.flush()
    return run_id, LONG / (time.monotonic() - began)


async def milliseconds(call: Callable[[], Awaitable[object]], times: int = 60) -> float:
    """Return the median of a call's times."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        await call()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


async def measure(connection_string: str) -> None:
    """Print one table for writing and one for reading."""
    storages = [Storage.from_connection_string(connection_string) for _ in range(4)]
    logs = [BlobEventLog(storage, clock) for storage in storages]
    await lines_a_second(logs[:1])  # containers, connections, imports
    writing = {f"{n} in one process": await lines_a_second([logs[0]] * n) for n in (1, 4, 16)}
    writing |= {f"1 in each of {n} processes": await lines_a_second(logs[:n]) for n in (2, 4)}
    run_id, streamed = await stream(logs[0])
    writing["1 that streams, not waiting"] = streamed
    one = writing["1 in one process"]
    for name, rate in writing.items():
        _say(f"{name:32}{rate:9.0f} lines/s {rate / one:8.2f} x")

    log = logs[1]
    near = (await log.read(run_id, Position(9), limit=1)).next
    far = (await log.read(run_id, Position(LONG - 11), limit=1)).next
    end = (await log.read(run_id, Position(LONG - 10))).next
    reading = {
        "1 event at 10, by position": await milliseconds(lambda: log.read(run_id, near, limit=1)),
        f"1 event at {LONG:,}, by position": await milliseconds(lambda: log.read(run_id, far, limit=1)),
        "nothing new at the end": await milliseconds(lambda: log.read(run_id, end)),
        "1 event at 10, by number": await milliseconds(lambda: log.read(run_id, Position(10), limit=1)),
        f"1 event at {LONG:,}, by number": await milliseconds(
            lambda: log.read(run_id, Position(LONG - 10), limit=1)
        ),
        "1,000 events, by position": await milliseconds(lambda: log.read(run_id, near), 20),
    }
    first = reading["1 event at 10, by position"]
    for name, taken in reading.items():
        _say(f"{name:32}{taken:9.2f} ms      {taken / first:8.2f} x")
    for storage in storages:
        await storage.close()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, Azurite(Path(folder)) as azurite:
        asyncio.run(measure(azurite.connection_string))
