"""What a polled run of one step costs in storage, beside the bare orchestration, on the same host.

Counted in the access log of Azurite, so whoever writes: the app, and the host where it keeps its hub there
(devhost keeps it in a file of its own). A design figure: at most one write more.

    python -m benchmarks.storage_writes
"""

import asyncio
import collections
import re
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx

from benchmarks import ROOT
from benchmarks.measuring import bare_run, digest_run
from raincheck.client import Client
from raincheck.dev.azurite import Azurite
from raincheck.dev.stack import stack

__all__ = ["main"]

_ROOT = Path(__file__).parents[1]
_RUNS = 20
_REQUEST = re.compile(r'"(GET|HEAD|PUT|POST|MERGE|PATCH|DELETE) (\S+) HTTP/1\.1" (\d{3})')
_READS = {"GET", "HEAD"}
_MORE = 1.0  # writes that a run may cost beyond the bare orchestration


def main() -> int:
    """Print the figures; return 1 where a run writes more than it may."""
    with tempfile.TemporaryDirectory(prefix="raincheck-writes-") as name:
        folder = Path(name)
        app = folder / "app"
        app.mkdir()
        shutil.copy(_ROOT / "host.json", app)
        shutil.copy(_ROOT / "benchmarks" / "bare_app.py", app / "function_app.py")
        settings = {"RAINCHECK_BENCH_ROOT": str(_ROOT), "PYTHONPATH": str(_ROOT)}
        with (
            Azurite(folder / "azurite", app=ROOT, access_log=True) as azurite,
            stack(folder, azurite, settings, app=app) as running,
        ):
            ours, bare = asyncio.run(_measure(running.url, azurite.log))
    more = _writes(ours) - _writes(bare)
    for label, requests in (("a polled run of one step", ours), ("the bare orchestration", bare)):
        reads = sum(requests.values()) / _RUNS - _writes(requests)
        _say(f"{label}: {_writes(requests):.2f} writes and {reads:.2f} reads")
        for (method, what), count in sorted(requests.items()):
            _say(f"    {count / _RUNS:6.2f}  {method} {what}")
    _say(f"a run writes {more:+.2f} times more than the bare orchestration (at most {_MORE:+.0f})")
    return int(more > _MORE)


Requests = collections.Counter[tuple[str, str]]


async def _measure(url: str, log: Path) -> tuple[Requests, Requests]:
    base = url.removesuffix("/api")
    async with httpx.AsyncClient(timeout=60, trust_env=False) as http, Client(url, http=http) as client:
        ours = await _counted(log, lambda: digest_run(client, 1))
        bare = await _counted(log, lambda: bare_run(http, base, 1))
    return ours, bare


async def _counted(log: Path, run: Callable[[], Awaitable[float]]) -> Requests:
    """Count the requests of so many runs; one before them makes the tables."""
    await run()
    before = len(_read(log))
    for _ in range(_RUNS):
        await run()
    found = _REQUEST.findall(_read(log)[before:])
    return collections.Counter((method, _what(path)) for method, path, _ in found)


def _read(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")


def _what(path: str) -> str:
    """Return the table, container or queue that a request is about."""
    return re.split(r"[/?(]", path.removeprefix("/devstoreaccount1/"))[0]


def _writes(requests: Requests) -> float:
    return sum(count for (method, _), count in requests.items() if method not in _READS) / _RUNS


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
