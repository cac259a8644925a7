"""The seam for telemetry: what happens to a run is wrapped in spans, which do nothing by themselves.

A span costs one call where nothing is configured. `function_app(__file__, instrumentation=...)` takes what
listens: a class that overrides `span`, e.g. with OpenTelemetry's tracer.
"""

from contextlib import AbstractContextManager, nullcontext
from typing import Literal

__all__ = ["Instrumentation", "Span"]

Span = Literal["start", "attempt", "delivery", "end"]
"""`start`: a request starts a run. `attempt`: one attempt of one step. `delivery`: one attempt to deliver.
`end`: what a run owes is paid."""


class Instrumentation:
    """Told what happens, and does nothing. Attributes are ids, names and numbers: no token, no payload."""

    def span(self, name: Span, **attributes: str | int) -> AbstractContextManager[object]:
        """Return a context that is entered when the span begins and left when it ends, by an error too."""
        del name, attributes
        return nullcontext()
