"""Idempotency keys: what makes two starts the same one, and what is kept of it."""

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol, Self
from weakref import WeakValueDictionary

from raincheck.errors import RequestError

__all__ = ["Copies", "IdempotencyKey", "IdempotencyKeys", "KeyRow", "KeyState"]

KeyState = Literal["claimed", "starting", "started", "released"]
"""`claimed`: being prepared. `starting`: Durable is being asked. `started`: Durable has said yes. `released`:
given up before Durable was asked, so that the next copy may start at once."""

PATIENCE = 3.0  # seconds that a copy waits for those before it
_KEY = re.compile(r"[\x21-\x7e]{1,255}\Z")


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A key and what was asked for under it, both as SHA-256 in hex: keys may be secrets of their senders."""

    key: str
    request: str

    @classmethod
    def of(
        cls, headers: Sequence[str], flow: str, document: Any, *, principal: str | None = None
    ) -> Self | None:
        """Read the lines of an `Idempotency-Key` header; None where there is none.

        Args:
            headers: the values, one a line.
            flow: what the request starts.
            document: the request's body, as JSON.
            principal: whose key it is, where callers can be told apart: each has keys of its own.

        Raises:
            RequestError: 422; it is not one key of 1 to 255 visible characters.
        """
        if not headers:
            return None
        if len(headers) > 1 or not _KEY.match(headers[0]):
            raise RequestError.invalid(
                "Idempotency-Key",
                "Idempotency-Key is one key of 1 to 255 visible ASCII characters, without blanks.",
            )
        body = json.dumps([flow, document], sort_keys=True, separators=(",", ":"))
        key = headers[0] if principal is None else f"{principal}\n{headers[0]}"
        return cls(_digest(key), _digest(body))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key in use. `key` and `request` are SHA-256 in hex; `starter` tells one attempt from another.

    `claimed_at` is when the attempt last wrote the row: the start takeover counts from it.
    """

    key: str
    request: str
    run_id: str
    starter: str
    state: KeyState
    claimed_at: datetime
    expires_at: datetime
    etag: str = ""


class IdempotencyKeys(Protocol):
    """Port: the rows of the keys."""

    async def get(self, key: str) -> KeyRow | None:
        """Return the row of a key, or None."""
        ...

    async def put(self, row: KeyRow) -> KeyRow | None:
        """Create the row, or replace it as it was read where it has an ETag; return it with its new ETag.

        None where another one was faster. A write of this very row whose answer was lost is a success.
        """
        ...

    async def clear(self, *, before: datetime, limit: int = 1000) -> int:
        """Delete what expired before a time, at most so many; return how many went."""
        ...


class Copies:
    """Turns by key, for each event loop its own. A copy waits for at most `patience` seconds.

    Copies of a request that reach one worker at the same time take turns, so that the later ones find the
    run. A courtesy, nothing rests on it: between workers, and past the patience of a copy, the rows decide.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._locks: WeakValueDictionary[tuple[int, str], asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, key: str) -> AsyncIterator[None]:
        """Wait for those of this key that came before, but not for long."""
        lock = self._locks.setdefault((id(asyncio.get_running_loop()), key), asyncio.Lock())
        try:
            async with asyncio.timeout(self._patience):
                await lock.acquire()
        except TimeoutError:
            yield
            return
        try:
            yield
        finally:
            lock.release()
