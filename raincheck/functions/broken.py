"""The app of last resort: the log has what stops the real one, and every request is answered.

A host serves an app that raises while it is imported with no function at all: 404 everywhere, and no word of
the cause in its log.
"""

import logging
import sys
import time
import traceback
from typing import TYPE_CHECKING, Any

import azure.functions as func

from raincheck.errors import RaincheckError, RequestError
from raincheck.functions.deferred_imports import deferred
from raincheck.functions.http import add_route
from raincheck.values.text import well_formed

with deferred("aiohttp"):
    import azure.durable_functions as df

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["NAME", "app_of_last_resort"]

NAME = "app_broken"
"""The name of the one function, and the code of what it answers."""
SAID_EVERY = 60.0  # seconds: whoever looks at the log later finds the cause too, and requests don't flood it
RETRY_AFTER = 30  # seconds
_LOG = logging.getLogger("raincheck")


def app_of_last_resort(error: Exception, *, monotonic: "Callable[[], float]" = time.monotonic) -> df.DFApp:
    """Say why the app can't be built, and build the one that answers in its place."""
    cause = _cause(error)
    sys.stderr.write(f"\n{cause}\n\n")
    sys.stderr.flush()
    _LOG.error(cause)
    said_at = monotonic()

    async def app_broken(request: Any) -> Any:  # noqa: ARG001 - whatever was asked for
        from raincheck.web.problem_responses import answer  # noqa: PLC0415 - only requests need it

        nonlocal said_at
        if monotonic() - said_at >= SAID_EVERY:
            said_at = monotonic()
            _LOG.error(cause)
        return answer(
            RequestError(503, NAME, "The app can't start; its log says why.", retry_after=RETRY_AFTER)
        )

    app = df.DFApp()
    add_route(app, NAME, "{*path}", func.AuthLevel.ANONYMOUS, app_broken)
    return app


def _cause(error: Exception) -> str:
    """Return the whole cause: ours say all in their text, others need their traceback."""
    said = (
        str(error)
        if isinstance(error, RaincheckError)
        else "".join(traceback.format_exception(error)).rstrip()
    )
    text = f"The app can't start, and answers every request with 503 {NAME}.\n{type(error).__name__}: {said}"
    return well_formed(text)
