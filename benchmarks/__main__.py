"""`make bench`: ratios, all measured in one run on one host. Absolute figures are the machine's."""

import asyncio
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx

from benchmarks import ROOT, emit_to_seen, storage_writes
from benchmarks.cold_import import cold_import
from benchmarks.measuring import bare_run, digest_run, median_of, start_answer, stream_gaps
from raincheck.client import Client
from raincheck.dev.children import Failed, tail
from raincheck.dev.stack import stack, storage

_HOST_ALONE_WITHIN = 600.0  # seconds
_ROOT = Path(__file__).parents[1]
_WIDE = 200
_PIECES, _DELAY_MS = 60, 50


def main() -> int:
    """Print the figures; return the exit code."""
    with tempfile.TemporaryDirectory(prefix="raincheck-bench-") as name:
        folder = Path(name)
        app = folder / "app"
        app.mkdir()
        shutil.copy(_ROOT / "host.json", app)
        shutil.copy(_ROOT / "benchmarks" / "bare_app.py", app / "function_app.py")
        settings = {"RAINCHECK_BENCH_ROOT": str(_ROOT), "PYTHONPATH": str(_ROOT)}
        try:
            imported = cold_import(_ROOT)
            _say(f"cold import of function_app: {imported.total:.0f} ms")
            _say("  of that: " + ", ".join(f"{name} {spent:.0f}" for name, spent in imported.packages))
            _host_alone()
            with storage(folder, ROOT) as azurite, stack(folder, azurite, settings, app=app) as running:
                asyncio.run(_measure(running.url))
        except (Failed, httpx.HTTPError, TimeoutError, subprocess.TimeoutExpired) as error:
            _say(f"failed: {error}\n{tail(folder / 'host.log')}")
            return 1
    return emit_to_seen.main() or storage_writes.main()


def _host_alone() -> None:
    """Let the local host measure itself, where its project is there: it has benchmarks of its own."""
    project = _ROOT / "devhost"
    if (project / "benchmarks").is_dir():
        ran = subprocess.run(
            [sys.executable, "-m", "benchmarks"], cwd=project, check=False, timeout=_HOST_ALONE_WITHIN
        )
        if ran.returncode:
            raise Failed("The local host's own benchmarks failed.")


async def _measure(url: str) -> None:
    host = url.removesuffix("/api")
    async with httpx.AsyncClient(timeout=60, trust_env=False) as http, Client(url, http=http) as client:
        start = await median_of(lambda: start_answer(client), 20)
        _say(f"start to its answer (a token): {start * 1000:.0f} ms")
        for width, times in ((1, 15), (_WIDE, 3)):
            ours = await median_of(lambda width=width: digest_run(client, width), times)  # type: ignore[misc]
            bare = await median_of(lambda width=width: bare_run(http, host, width), times)  # type: ignore[misc]
            _say(
                f"a polled run, {width} step{'s at once' if width > 1 else ''}: {ours * 1000:.0f} ms, "
                f"bare orchestration {bare * 1000:.0f} ms, ratio {ours / bare:.2f}"
            )
        gaps = sorted(await stream_gaps(client, _PIECES, _DELAY_MS))
        late = statistics.median(gaps) * 1000 - _DELAY_MS
        _say(
            f"a stream, a piece every {_DELAY_MS} ms: median gap {late:+.0f} ms of that, "
            f"longest {gaps[-1] * 1000:.0f} ms"
        )


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
