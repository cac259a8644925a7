"""What a step's exception means for the run: tried again, ended, or stopped.

The clients of HTTP that people use are judged by the status of the answer that they carry, each in its own
place; docs/writing-flows.md has the table, and a test holds it with the libraries' own exceptions.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from raincheck.errors import PermanentError, StepEscaped, StepStopped, TransientError
from raincheck.outcomes import ErrorDetail
from raincheck.payloads import StepReport
from raincheck.retry import RETRY_AFTER_LIMIT
from raincheck.server_waits import header_of, wait_of

__all__ = ["cause_of", "report_of"]

TRANSIENT_STATUS = frozenset({408, 425, 429})
BUGS = (AssertionError, AttributeError, ImportError, NameError, NotImplementedError, TypeError)
MOST_GROUPED = 10_000  # exceptions of a group that are looked at

# By package and name, as not each of them need be installed: what will be the same the next time.
PERMANENT = {
    "httpx": [
        "CookieConflict",
        "InvalidURL",
        "LocalProtocolError",
        "TooManyRedirects",
        "UnsupportedProtocol",
    ],
    "requests": [
        *("InvalidHeader", "InvalidJSONError", "InvalidProxyURL", "InvalidSchema", "InvalidURL"),
        *("MissingSchema", "TooManyRedirects", "URLRequired", "UnrewindableBodyError"),
    ],
    "aiohttp": [
        *("InvalidURL", "InvalidUrlClientError", "InvalidUrlRedirectClientError", "NonHttpUrlClientError"),
        *("NonHttpUrlRedirectClientError", "TooManyRedirects"),
    ],
    "openai": ["ContentFilterFinishReasonError", "LengthFinishReasonError", "OpenAIError"],
    "anthropic": ["AnthropicError"],
    "azure": [
        *("ResourceExistsError", "ResourceModifiedError", "ResourceNotFoundError"),
        *("ResourceNotModifiedError", "SerializationError", "TooManyRedirectsError"),
    ],
}
NO_CREDIT = "insufficient_quota"  # OpenAI's: a 429 that no waiting cures


def report_of(error: BaseException, step: str, *, now: datetime | None = None) -> StepReport:
    """Build the report of what a step raised: end it, or try again.

    Permanent and transient errors say it themselves. Answers of HTTP clients are transient for 408, 425, 429
    and 5xx, and permanent for the rest of 3xx and 4xx. What can only be a bug is permanent, and everything
    else is worth another attempt. A group (of a TaskGroup) is permanent if anything in it is, else it asks
    for the longest wait of all. The text of a foreign exception may hold a secret: the caller sees its class.
    """
    at = now or datetime.now(UTC)
    reports = [_report_of(each, step, at) for each in _leaves(error)]
    for kind in ("permanent", "stopped"):
        for report in reports:
            if report.kind == kind:
                return report
    waits = [report.retry_after for report in reports if report.retry_after is not None]
    return reports[0].model_copy(update={"retry_after": max(waits, default=None)})


def cause_of(error: BaseException) -> BaseException:
    """Return what a step raised where it would have ended the worker, and had to come as another error."""
    return error.__cause__ if isinstance(error, StepEscaped) and error.__cause__ is not None else error


def _leaves(error: BaseException) -> Iterator[BaseException]:
    """Return what a group holds, however deep; another error itself."""
    pending, seen = [error], 0
    while pending and seen < MOST_GROUPED:
        one = cause_of(pending.pop())
        if isinstance(one, BaseExceptionGroup):
            pending += reversed(one.exceptions)
        else:
            seen += 1
            yield one


def _report_of(error: BaseException, step: str, now: datetime) -> StepReport:
    if isinstance(error, PermanentError):
        return _report("permanent", error.code, error.message)
    if isinstance(error, TransientError):
        return _report("transient", "step_failed", error.message, error.retry_after)
    if isinstance(error, StepStopped):
        return _report("stopped", "step_stopped", f"The step '{step}' was stopped.")
    if isinstance(error, TimeoutError) and getattr(error, "limit_of_step", False):
        return _report("timed_out", "step_timed_out", f"The step '{step}' ran into its time limit.")
    return _foreign(error, step, now)


def _foreign(error: BaseException, step: str, now: datetime) -> StepReport:
    name = type(error).__name__
    status, headers = _answer_of(error)
    if status is not None and status >= 300:  # noqa: PLR2004 - redirects and errors: what is no success
        text = f"The step '{step}' failed: {name}, status {status}."
        if _worth_another(error, status, headers):
            return _report("transient", "step_failed", text, wait_of(headers, now))
        return _report("permanent", "step_failed", text)
    text = f"The step '{step}' failed: {name}."
    if isinstance(error, BUGS) or name == "ValidationError":
        return _report("permanent", "step_bug", text)
    package = type(error).__module__.partition(".")[0]
    if name in PERMANENT.get(package, ()):
        return _report("permanent", "step_failed", text)
    return _report("transient", "step_failed", text)


def _worth_another(error: BaseException, status: int, headers: Any) -> bool:
    if _attribute(error, "code") == NO_CREDIT:
        return False
    told = header_of(headers, "x-should-retry").lower()  # of OpenAI and Anthropic, whose clients heed it too
    if told in ("true", "false"):
        return told == "true"
    return status in TRANSIENT_STATUS or status >= 500  # noqa: PLR2004 - server errors


def _answer_of(error: BaseException) -> tuple[int | None, Any]:
    """Return status and headers of the answer that an exception carries, wherever it does.

    httpx, requests, openai, anthropic and azure-core have it in `response`; aiohttp's is the exception
    itself, and so is urllib's, whose status is called `code`.
    """
    response = _attribute(error, "response")
    for holder in (response, error):
        for name in ("status_code", "status"):
            if (status := _status(_attribute(holder, name))) is not None:
                return status, _attribute(holder, "headers") or _attribute(response, "headers")
    if _attribute(error, "headers") is not None or type(error).__module__ == "urllib.error":
        return _status(_attribute(error, "code")), _attribute(error, "headers")
    return None, None


def _status(value: Any) -> int | None:
    is_status = isinstance(value, int) and not isinstance(value, bool) and 100 <= value <= 999  # noqa: PLR2004 - HTTP's
    return int(value) if is_status else None


def _attribute(holder: Any, name: str) -> Any:
    try:
        return getattr(holder, name, None)
    except Exception:  # noqa: BLE001 - a property of somebody's may raise anything
        return None


def _report(kind: Any, code: str, message: str, retry_after: float | None = None) -> StepReport:
    if retry_after is not None:  # a step or a server may ask for anything, NaN included
        retry_after = min(max(0.0, retry_after), RETRY_AFTER_LIMIT)
    return StepReport(kind=kind, error=ErrorDetail(code=code, message=message), retry_after=retry_after)
