"""The `Idempotency-Key` header: what makes two starts the same one."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from raincheck.errors import RequestError

__all__ = ["IdempotencyKey"]

_KEY = re.compile(r"[\x21-\x7e]{1,255}\Z")


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A key and what was asked for under it, both as SHA-256 in hex: keys may be secrets of their senders."""

    key: str
    request: str

    @classmethod
    def of(cls, headers: Sequence[str], flow: str, document: Any) -> Self | None:
        """Read the header's lines; None where there is none. `document` is the body, as JSON.

        Raises:
            RequestError: 422; it is not one key of 1 to 255 visible characters.
        """
        if not headers:
            return None
        if len(headers) > 1 or not _KEY.match(headers[0]):
            message = "Idempotency-Key is one key of 1 to 255 visible ASCII characters, without blanks."
            errors = [{"path": "Idempotency-Key", "message": message}]
            raise RequestError(422, "invalid_request", message, errors=errors)
        body = json.dumps([flow, document], sort_keys=True, separators=(",", ":"))
        return cls(_digest(headers[0]), _digest(body))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
