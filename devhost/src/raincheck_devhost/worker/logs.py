"""Log lines of a worker: level, function, invocation, message, to standard error."""

from __future__ import annotations

import logging
import sys
from contextvars import ContextVar

current: ContextVar[tuple[str, str] | None] = ContextVar("invocation", default=None)


class _Line(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        invocation = current.get()
        name, short = (invocation[0], invocation[1][:8]) if invocation else (record.name, "-")
        clock = self.formatTime(record, "%H:%M:%S")
        text = f"{clock} {record.levelname:<7} [{name} {short}] {record.getMessage()}"
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        return text


def not_twice(record: logging.LogRecord) -> bool:
    """Filter: uvicorn reports what a handler raised; where that has been reported already, leave it away."""
    error = record.exc_info[1] if record.exc_info else None
    return not getattr(error, "reported_by_devhost", False)


def configure(level: str) -> None:
    """Log to standard error from `level` (a name of logging's) on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Line())
    handler.addFilter(not_twice)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("azure.core", "azure.identity", "urllib3", "asyncio", "uvicorn"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
