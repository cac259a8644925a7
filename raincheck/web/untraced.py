"""FastAPI without traces of its own: once OpenTelemetry is on, they would hold paths, whose tokens open runs.

Its log records hold the text of errors. Metrics stay: they name routes, not paths.
"""

from typing import Any

from fastapi.applications import FastAPI  # the class itself: instrumentation replaces `fastapi.FastAPI`

__all__ = ["UntracedFastAPI"]


class UntracedFastAPI(FastAPI):
    """Says nothing of a request; what may be told goes through `raincheck.service.instrumentation`."""

    def __init__(self, **options: Any) -> None:
        telemetry = {"tracing": False, "logs": False, "operation_spans": False, "auto_configure": False}
        super().__init__(**{**options, "telemetry": telemetry})
