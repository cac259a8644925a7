"""The seam for telemetry: what happens to a run is wrapped in spans, which do nothing by themselves.

A span costs one call where nobody listens. One listener a process: telemetry is the process's, too.
"""

from contextlib import AbstractContextManager, nullcontext
from typing import Literal

__all__ = ["Instrumentation", "Span", "listen", "span"]

Span = Literal["start", "attempt", "delivery", "end"]
"""`start`: a request starts a run. `attempt`: one attempt of one step. `delivery`: one attempt to deliver.
`end`: what a run owes is paid."""


class Instrumentation:
    """Told what happens, and does nothing. What listens overrides `span`, e.g. with OpenTelemetry's tracer.

    Attributes are ids, names and numbers: no token, no payload.
    """

    def span(self, name: Span, **attributes: str | int) -> AbstractContextManager[object]:
        """Return a context that is entered when the span begins and left when it ends, by an error too."""
        del name, attributes
        return nullcontext()


_listener = Instrumentation()


def listen(listener: Instrumentation) -> Instrumentation:
    """Let this one be told from now on; return who was told before."""
    global _listener
    before, _listener = _listener, listener
    return before


def span(name: Span, **attributes: str | int) -> AbstractContextManager[object]:
    """Return the context to put around what happens, by the name that the listener knows."""
    return _listener.span(name, **attributes)
