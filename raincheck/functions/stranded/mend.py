"""Puts the mend into the worker that imports the app, where there is one and it looks as expected."""

import functools
import sys
from collections.abc import Callable

from raincheck.functions.stranded.any_path import serve_any_path
from raincheck.functions.stranded.waits import bound_waits

__all__ = ["TICKS", "release_stranded"]

TICKS = 30  # seconds that one half waits for the other; the host gives up forwarding after about 2
WORKERS = ("azure_functions_worker", "azure_functions_runtime")  # up to Python 3.12, and from 3.13 on


def release_stranded(*, ticks: int = TICKS) -> None:
    """Let every path reach its function, and bound the wait of each half of a request for the other.

    To be called while function_app.py is imported: the worker makes its web server after that. Where no
    Functions worker imports the app this does nothing; a second call doesn't either.
    """
    worker = next((name for name in WORKERS if name in sys.modules), None)
    if worker is None:
        return
    attempt("the wait for a request", functools.partial(bound_waits, f"{worker}.http_v2", ticks))
    attempt("the routes of the worker's web app", functools.partial(serve_any_path, attempt))


def attempt(what: str, mend: Callable[[], None]) -> None:
    """Run one mend; what looks different keeps its ways, and the app starts all the same."""
    try:
        mend()
    except Exception as error:  # noqa: BLE001 - whatever a later worker is like, the app must start
        # The host shows what an app writes to stderr while it is imported, and nothing that it logs then.
        sys.stderr.write(f"raincheck: {what} can't be mended and stays as it is: {_line(error)}\n")


def _line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())
