"""What a receiver's answer means for the delivery."""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus

from raincheck.server_waits import wait_of
from raincheck.service.deliveries import PostResult

__all__ = ["failed", "verdict"]

_MOST_RETRY_AFTER = 86_400.0  # seconds


def verdict(status: int, headers: Sequence[tuple[bytes, bytes]], now: datetime) -> PostResult:
    """Return what an answer means: only 2xx is a success, and only 410 is for good."""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return PostResult(delivered=True, final=True, status=status, detail="delivered")
    if status == HTTPStatus.GONE:
        return PostResult(
            delivered=False, final=True, status=status, detail="the receiver wants no more (410)"
        )
    if status < HTTPStatus.BAD_REQUEST:
        return PostResult(
            delivered=False, final=False, status=status, detail=f"redirects are not followed ({status})"
        )
    return PostResult(
        delivered=False,
        final=False,
        status=status,
        detail=f"the receiver answered {status}",
        retry_after=_retry_after(headers, now),
    )


def failed(detail: str) -> PostResult:
    """Build the result of a post without an answer; it may be tried again."""
    return PostResult(delivered=False, final=False, status=None, detail=detail)


def _retry_after(headers: Sequence[tuple[bytes, bytes]], now: datetime) -> float | None:
    texts = {name.lower().decode("latin-1"): value.decode("latin-1") for name, value in reversed(headers)}
    seconds = wait_of(texts, now)
    return seconds if seconds is None else min(seconds, _MOST_RETRY_AFTER)
