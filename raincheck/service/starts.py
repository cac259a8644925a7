"""Start once: what is kept of an Idempotency-Key, so that copies of a request start one run."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

__all__ = ["IdempotencyKeys", "KeyRow", "KeyState"]

KeyState = Literal["claimed", "starting", "started", "released"]
"""`claimed`: being prepared. `starting`: Durable is being asked. `started`: Durable has said yes. `released`:
given up before Durable was asked, so that the next copy may start at once."""


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
        """Create the row, or replace it as it was read where it has an ETag; give it with its new ETag.

        None where another one was faster. A write of this very row whose answer was lost is a success.
        """
        ...

    async def clear(self, *, before: datetime, limit: int = 1000) -> int:
        """Delete what expired before a time, at most so many; give how many went."""
        ...
