"""What a function's `context` parameter holds."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

thread_local = threading.local()


@dataclass
class TraceContext:
    """Trace headers of the call; devhost traces nothing, so they are empty."""

    trace_parent: str = ""
    trace_state: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    Traceparent = property(lambda self: self.trace_parent)  # the SDK's spelling
    Tracestate = property(lambda self: self.trace_state)  # as above


@dataclass
class RetryContext:
    """Which attempt of a retry policy this is: 0 is the first."""

    retry_count: int = 0
    max_retry_count: int = 0
    exception: Any = None


@dataclass
class Context:
    """The invocation context, with azure.functions.Context's attributes."""

    function_name: str
    function_directory: str
    invocation_id: str
    trace_context: TraceContext
    retry_context: RetryContext
    thread_local_storage: Any = thread_local


class Out:
    """An output binding's parameter: holds what the function sets."""

    def __init__(self) -> None:
        self._value: Any = None

    def set(self, val: Any) -> None:
        """Set the value that goes out when the function has ended well."""
        self._value = val

    def get(self) -> Any:
        """Return what was set last."""
        return self._value
