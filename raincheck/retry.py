"""When a step is tried again, and what counts as worth trying again."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from raincheck.errors import PermanentError, StepStopped, TransientError
from raincheck.outcomes import ErrorDetail
from raincheck.payloads import StepReport

__all__ = ["Retry", "report_of"]

SHORTEST_DELAY = 2.0  # seconds: durable timers count in whole ones and may fire one early
RETRY_AFTER_LIMIT = 3600.0  # seconds that a Retry-After may ask for
TRANSIENT_STATUS = frozenset({408, 425, 429})
BUGS = (AssertionError, AttributeError, ImportError, NameError, NotImplementedError, TypeError)


@dataclass(frozen=True, slots=True)
class Retry:
    """How often a step is tried, and how long the run waits in between.

    The wait is `first_delay`, then times `backoff` each time, at most `max_delay`, never under 2 seconds. A
    Retry-After that asks for longer is honoured, up to an hour.
    """

    attempts: int = 3
    first_delay: timedelta = timedelta(seconds=2)
    backoff: float = 2.0
    max_delay: timedelta = timedelta(minutes=5)

    def __post_init__(self) -> None:
        if self.attempts < 1 or self.backoff < 1 or self.first_delay < timedelta(0):
            raise ValueError("Retry takes attempts >= 1, backoff >= 1 and a first_delay that is not negative")

    def delay(self, attempt: int, retry_after: float | None) -> timedelta:
        """Return the wait after the failed `attempt` (1, 2, …)."""
        longest = self.max_delay.total_seconds()
        seconds = self.first_delay.total_seconds()
        for _ in range(attempt - 1):
            seconds = min(seconds * self.backoff, longest)
        at_least = min(retry_after or 0.0, RETRY_AFTER_LIMIT)
        return timedelta(seconds=max(min(seconds, longest), at_least, SHORTEST_DELAY))


def report_of(  # noqa: PLR0911 - one return a kind reads best
    error: BaseException, step: str, *, now: datetime | None = None
) -> StepReport:
    """Build the report of what a step raised: end it, or try again.

    Permanent and transient errors say it themselves. Answers of HTTP clients (anything with a `response`
    that has a status) are transient for 408, 425, 429 and 5xx. What can only be a bug is permanent, and
    everything else is worth another attempt. The text of a foreign exception may hold a secret: the caller
    sees its class.
    """
    if isinstance(error, PermanentError):
        return _report("permanent", error.code, error.message)
    if isinstance(error, TransientError):
        return _report("transient", "step_failed", error.message, error.retry_after)
    if isinstance(error, StepStopped):
        return _report("stopped", "step_stopped", f"The step '{step}' was stopped.")
    if isinstance(error, TimeoutError) and getattr(error, "limit_of_step", False):
        return _report("timed_out", "step_timed_out", f"The step '{step}' ran into its time limit.")
    text = f"The step '{step}' failed: {type(error).__name__}."
    response = getattr(error, "response", None)
    status = getattr(response, "status_code", None) or getattr(response, "status", None)
    if isinstance(status, int):
        text = f"The step '{step}' failed: {type(error).__name__}, status {status}."
        if status in TRANSIENT_STATUS or status >= 500:  # noqa: PLR2004 - server errors
            return _report("transient", "step_failed", text, _retry_after(response, now or datetime.now(UTC)))
        if status >= 400:  # noqa: PLR2004 - client errors
            return _report("permanent", "step_failed", text)
    if isinstance(error, BUGS) or type(error).__name__ == "ValidationError":
        return _report("permanent", "step_bug", text)
    return _report("transient", "step_failed", text)


def _report(kind: Any, code: str, message: str, retry_after: float | None = None) -> StepReport:
    if retry_after is not None:  # a step or a server may ask for anything, NaN included
        retry_after = min(max(0.0, retry_after), RETRY_AFTER_LIMIT)
    return StepReport(kind=kind, error=ErrorDetail(code=code, message=message), retry_after=retry_after)


def _retry_after(response: Any, now: datetime) -> float | None:
    try:
        text = str(response.headers.get("Retry-After") or "")
        if text.isdigit():
            return float(text)
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds()) if text else None
    except (AttributeError, TypeError, ValueError, OverflowError):
        return None
