"""Uvicorn as devhost uses it: on a socket that is already open, silent, leaving signals to the host."""

from __future__ import annotations

import contextlib
from typing import Any

import uvicorn

_LARGEST_HEAD = 65536
_KEEP_ALIVE_SECONDS = 120


def quiet_server(app: Any, grace: float = 1.0) -> uvicorn.Server:
    """Build a server for an ASGI app; `should_exit` ends it, giving open requests `grace` seconds."""
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        h11_max_incomplete_event_size=_LARGEST_HEAD,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=max(1, round(grace)),
    )
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext  # type: ignore[assignment]  # signals are the host's
    return server
