"""When a step is tried again."""

import hashlib
import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

__all__ = ["RETRY_AFTER_LIMIT", "SHORTEST_DELAY", "Retry"]

SHORTEST_DELAY = 2.0  # seconds
RETRY_AFTER_LIMIT = 3600.0  # seconds that a Retry-After may ask for
JITTER = 0.25  # of a delay, at most: what failed together doesn't come again together


@dataclass(frozen=True, slots=True)
class Retry:
    """How often a step is tried, and how long the run waits in between.

    The wait is `first_delay`, then times `backoff` each time, at most `max_delay`, never under 2 seconds. A
    Retry-After that asks for longer is honoured, up to an hour. Up to a quarter is added to each, another one
    for each call, so that a hundred calls that failed at once don't all come again at once.
    """

    attempts: int = 3
    first_delay: timedelta = timedelta(seconds=2)
    backoff: float = 2.0
    max_delay: timedelta = timedelta(minutes=5)

    def __post_init__(self) -> None:
        _check("attempts", self.attempts, int, "a number of attempts, e.g. Retry(attempts=5)")
        _check("first_delay", self.first_delay, timedelta, _timedelta("first_delay", self.first_delay))
        _check("backoff", self.backoff, int | float, "a factor, e.g. Retry(backoff=2)")
        _check("max_delay", self.max_delay, timedelta, _timedelta("max_delay", self.max_delay))
        if self.attempts < 1:
            raise ValueError(f"Retry(attempts={self.attempts}): at least 1, which never tries again")
        if not 1 <= self.backoff < math.inf:
            raise ValueError(f"Retry(backoff={self.backoff}): at least 1, which waits equally long each time")
        if self.first_delay < timedelta(0) or self.max_delay < timedelta(0):
            raise ValueError("Retry(first_delay=…, max_delay=…): neither can be negative")

    def delay(self, attempt: int, retry_after: float | None, key: str = "") -> timedelta:
        """Return the least wait after the failed `attempt` (1, 2, …).

        `key` is the call's own: with it, jitter is added, the same whenever the flow is replayed.
        """
        longest = self.max_delay.total_seconds()
        seconds = min(self.first_delay.total_seconds(), longest)
        for _ in range(attempt - 1):
            if seconds >= longest:
                break
            seconds = min(seconds * self.backoff, longest)
        at_least = min(retry_after or 0.0, RETRY_AFTER_LIMIT)
        least = max(seconds, at_least, SHORTEST_DELAY)
        return timedelta(seconds=least * (1 + JITTER * _fraction(key, attempt)) if key else least)


def _fraction(key: str, attempt: int) -> float:
    """Return a number from 0 to 1 that nothing but the call decides."""
    digest = hashlib.sha256(f"{key}/{attempt}".encode(errors="replace")).digest()
    return int.from_bytes(digest[:4], "big") / 2**32


def _check(name: str, value: Any, kind: Any, takes: str) -> None:
    if isinstance(value, bool) or not isinstance(value, kind):
        raise TypeError(f"Retry({name}={value!r}): it takes {takes}")


def _timedelta(name: str, value: Any) -> str:
    seconds = value if isinstance(value, int | float) else 2
    return f"a timedelta, e.g. Retry({name}=timedelta(seconds={seconds}))"
