"""How long from a step's `work.text` to a client that follows the run, alone and among many.

An event carries the time at which it was emitted; clients on the same machine note when they see it.

    python -m benchmarks.emit_to_seen
"""

import asyncio
import re
import statistics
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks import ROOT
from raincheck.client import Client
from raincheck.dev.stack import stack, storage

__all__ = ["main"]

_PIECES, _DELAY_MS = 150, 50
_CROWD = 50
_WITHIN = 120.0  # seconds
_DELTA = re.compile(rb'"type":"output\.text\.delta".*?"time":"([^"]+)"')
_LAST = b'"continuation_token":null'


def main() -> int:
    """Print the figures; return 1 where clients don't see all events."""
    with tempfile.TemporaryDirectory(prefix="raincheck-seen-") as name:
        folder = Path(name)
        with storage(folder, ROOT) as azurite, stack(folder, azurite, {}, app=ROOT) as running:
            alone, crowded = asyncio.run(_measure(running.url))
    for label, late in (("alone", alone), (f"among {_CROWD}", crowded)):
        median, worst = statistics.median(late), statistics.quantiles(late, n=100)[98]
        _say(f"emit → seen by a follower {label}: median {median:.0f} ms, 99th percentile {worst:.0f} ms")
    ratio = statistics.median(crowded) / statistics.median(alone)
    _say(f"  ratio of the medians {ratio:.2f}, {_PIECES} pieces, one every {_DELAY_MS} ms")
    return int(len(alone) != _PIECES or len(crowded) != _CROWD * _PIECES)


async def _measure(url: str) -> tuple[list[float], list[float]]:
    async with Client(url) as client:
        await _seen(client, 1)  # imports, containers, connections
        return await _seen(client, 1), await _seen(client, _CROWD)


async def _seen(client: Client, followers: int) -> list[float]:
    """Return how many milliseconds each follower saw each piece after it was emitted."""
    story = {"topic": "rain", "pieces": _PIECES, "delay_ms": _DELAY_MS}
    run = await client.start("tell_story", story, background=True)
    async with asyncio.timeout(_WITHIN):
        late = await asyncio.gather(*(_follow(run.events_url) for _ in range(followers)))
    return [one for each in late for one in each]


async def _follow(url: str) -> list[float]:
    at = urlsplit(url)
    reader, writer = await asyncio.open_connection(at.hostname, at.port)
    late: list[float] = []
    rest = b""
    try:
        writer.write(f"GET {at.path} HTTP/1.1\r\nHost: {at.netloc}\r\n\r\n".encode())
        while _LAST not in rest and (part := await reader.read(64 * 1024)):
            seen = time.time() * 1000
            *whole, rest = (rest + part).split(b"\n\n")
            for frame in whole:
                if delta := _DELTA.search(frame):
                    late.append(seen - datetime.fromisoformat(delta[1].decode()).timestamp() * 1000)
                if _LAST in frame:
                    return late
    finally:
        writer.close()
    return late


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
