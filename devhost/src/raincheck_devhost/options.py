"""The command line."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

_EPILOG = """\
exit codes: 0 ended by a signal · 1 the app can't be loaded (with --no-watch) · 2 wrong options or settings,
the port or the state directory is in use

Ctrl-C or SIGTERM once: what runs may end within --grace seconds, the rest is given out again at the next
start. Twice: ends at once; nothing that was recorded is lost.
"""


@dataclass(frozen=True)
class Options:
    """What the command line sets; times in seconds."""

    app: Path
    port: int = 7071
    host: str = "127.0.0.1"
    state: Path = Path(".state")
    keys: Path | None = None
    workers: int = 2
    watch: bool = True
    grace: float = 10.0
    python: str = sys.executable
    broken_app: str = "show"


def parse(arguments: list[str] | None = None) -> Options:
    """Read the command line; ends the process with code 2 if it is wrong."""
    parser = argparse.ArgumentParser(
        prog="raincheck-devhost",
        description="Run a Python function app (function_app.py, host.json) without Core Tools.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--app", type=Path, default=Path(), metavar="DIR", help="the app's folder (default: here)"
    )
    parser.add_argument("--port", type=int, default=7071, help="port to serve on (default: 7071)")
    parser.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="address (default: 127.0.0.1)")
    parser.add_argument(
        "--state", type=Path, metavar="DIR", help="where runs and timers are kept (default: APP/.state)"
    )
    parser.add_argument(
        "--keys", type=Path, metavar="FILE", help="enforce the keys of this JSON file (default: open)"
    )
    parser.add_argument(
        "--workers",
        type=int,
        default=2,
        metavar="N",
        help="processes for activities, queues and timers beside the one for HTTP and orchestrators "
        "(default: 2; 0: one process for everything, as Azure has by default)",
    )
    parser.add_argument(
        "--no-watch", dest="watch", action="store_false", help="don't reload when the code changes"
    )
    parser.add_argument(
        "--grace", type=float, default=10.0, metavar="SECONDS", help="time for what runs to end (default: 10)"
    )
    parser.add_argument(
        "--python", default=sys.executable, metavar="FILE", help="interpreter for the app (default: this one)"
    )
    parser.add_argument(
        "--broken-app",
        choices=["show", "empty"],
        default="show",
        help="an app that can't be loaded: show the cause and wait for an edit, or serve it as Azure does, "
        "with no function and no word (default: show)",
    )
    namespace = parser.parse_args(arguments)
    if not namespace.app.is_dir():
        parser.error(f"--app {namespace.app} is no folder")
    if namespace.workers < 0 or namespace.grace < 0:
        parser.error("--workers and --grace can't be negative")
    app = namespace.app.resolve()
    fields = {**vars(namespace), "app": app, "state": (namespace.state or app / ".state").resolve()}
    return Options(**fields)
