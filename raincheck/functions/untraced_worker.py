"""The worker receives requests by a FastAPI app of its own, before ours: it keeps no tokens either."""

import logging

from raincheck.functions.deferred_imports import deferred

with deferred("uvicorn"):
    from azurefunctions.extensions.http.fastapi import web

from raincheck.web.untraced import UntracedFastAPI

__all__ = ["untrace_worker"]

_LOG = logging.getLogger(__name__)


def untrace_worker() -> None:
    """Let the extension make its app without traces. The worker makes it after it has read the functions."""
    if hasattr(web, "FastAPI"):
        web.FastAPI = UntracedFastAPI
    else:
        _LOG.warning("the HTTP extension makes its app in another way: its spans may hold tokens")
