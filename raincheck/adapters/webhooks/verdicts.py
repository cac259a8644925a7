"""What a receiver's answer means for the delivery."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from raincheck.service.deliveries import PostResult

__all__ = ["failed", "verdict"]

_MOST_RETRY_AFTER = 86_400.0  # seconds
_SECONDS = re.compile(r"\d{1,10}\Z")


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
    text = next((value for name, value in headers if name.lower() == b"retry-after"), b"").decode("latin-1")
    text = text.strip()
    if _SECONDS.match(text):
        return min(float(text), _MOST_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        seconds = (moment - now).total_seconds()
    except (TypeError, ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), _MOST_RETRY_AFTER)
