"""Keeps tokens out of log lines: what is logged about a request has them cut off."""

import logging
from typing import Any

from raincheck.service.tokens import masked

__all__ = ["MaskTokens", "mask_tokens"]

_LOGGERS = ("uvicorn.access", "httpx", "azure.functions", "azure_functions_worker")


class MaskTokens(logging.Filter):
    """Cuts tokens off in a record's message and arguments."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record; never drop it."""
        if isinstance(record.msg, str):
            record.msg = masked(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(_masked(value) for value in record.args)
        return True


def mask_tokens() -> None:
    """Set it up for the loggers that write requests' paths. Twice is the same as once."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(one, MaskTokens) for one in logger.filters):
            logger.addFilter(MaskTokens())


def _masked(value: Any) -> Any:
    """Return the value itself where nothing in it is a token: formats may want a number."""
    text = str(value)
    cut = masked(text)
    return value if cut == text else cut
