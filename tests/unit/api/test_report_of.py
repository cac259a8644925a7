"""What an exception of a step means: end the step, or try it again, and what its caller may read."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import httpx
import pytest
from azure.core.exceptions import HttpResponseError, ServiceRequestError
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from raincheck import PermanentError, Retry, StepStopped, TransientError
from raincheck.service.step_attempt import StepTimeLimit
from raincheck.step_failures import report_of

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SECRET = "sig=hunter2"


def httpx_error(status: int, headers: dict[str, str] | None = None) -> httpx.HTTPStatusError:
    """As `response.raise_for_status()` raises it."""
    request = httpx.Request("GET", f"https://example.com/?{SECRET}")
    response = httpx.Response(status, headers=headers, request=request)
    return httpx.HTTPStatusError(SECRET, request=request, response=response)


def azure_error(status: int, headers: dict[str, str] | None = None) -> HttpResponseError:
    """As Azure's clients raise it."""
    response = SimpleNamespace(
        status_code=status, reason=SECRET, headers=headers or {}, text=lambda *_: SECRET, content_type=""
    )
    return HttpResponseError(message=SECRET, response=response)


def invalid() -> ValidationError:
    class Model(BaseModel):
        number: int

    try:
        Model(number=SECRET)  # type: ignore[arg-type]  # it is what we test
    except ValidationError as error:
        return error
    raise AssertionError


TABLE = [
    (PermanentError("No such model.", code="no_model"), "permanent", "no_model"),
    (TransientError("Busy."), "transient", "step_failed"),
    (StepStopped(), "stopped", "step_stopped"),
    (StepTimeLimit(), "timed_out", "step_timed_out"),
    (TimeoutError(SECRET), "transient", "step_failed"),
    (ConnectionError(SECRET), "transient", "step_failed"),
    (OSError(SECRET), "transient", "step_failed"),
    (RuntimeError(SECRET), "transient", "step_failed"),
    (KeyError(SECRET), "transient", "step_failed"),
    (ValueError(SECRET), "transient", "step_failed"),
    (TypeError(SECRET), "permanent", "step_bug"),
    (AttributeError(SECRET), "permanent", "step_bug"),
    (NameError(SECRET), "permanent", "step_bug"),
    (AssertionError(SECRET), "permanent", "step_bug"),
    (ModuleNotFoundError(SECRET), "permanent", "step_bug"),
    (NotImplementedError(SECRET), "permanent", "step_bug"),
    (invalid(), "permanent", "step_bug"),
    (httpx.ConnectTimeout(SECRET), "transient", "step_failed"),
    (httpx.ReadError(SECRET), "transient", "step_failed"),
    (ServiceRequestError(SECRET), "transient", "step_failed"),
    (HttpResponseError(message=SECRET), "transient", "step_failed"),
    *[(make(status), "transient", "step_failed") for make in (httpx_error, azure_error)
      for status in (408, 425, 429, 500, 502, 503, 504, 599)],
    *[(make(status), "permanent", "step_failed") for make in (httpx_error, azure_error)
      for status in (400, 401, 403, 404, 409, 410, 412, 422)],
]  # fmt: skip


@pytest.mark.parametrize(("error", "kind", "code"), TABLE, ids=lambda value: repr(value)[:50])
def test_what_an_error_means(error, kind, code):
    """Nothing is tried again in vain, and nothing is given up that a moment would cure."""
    report = report_of(error, "digest", now=NOW)

    assert (report.kind, report.error.code) == (kind, code)


@pytest.mark.parametrize("error", [error for error, _, _ in TABLE], ids=lambda value: repr(value)[:50])
def test_the_text_of_foreign_errors_is_not_shown(error):
    """It may hold a URL with its signature; our own errors' texts are meant for callers."""
    assert "hunter2" not in report_of(error, "digest", now=NOW).model_dump_json()


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("30", 30.0),
        ("0", 0.0),
        ("Sat, 21 Nov 2026 12:01:30 GMT", 90.0),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 0.0),
        ("Saturday, 21-Nov-26 12:00:10 GMT", 10.0),
        ("soon", None),
        ("-5", None),
        ("1.5", 1.5),
        ("30.5", 30.5),
        ("Sat, 21 Nov 2026 12:01:30 -0000", 90.0),
        ("", None),
        ("²", None),
        ("Sat, 99 Nov 2026 12:01:30 GMT", None),
        ("9" * 400, 3600.0),
    ],
)
@pytest.mark.parametrize("make", [httpx_error, azure_error])
def test_retry_after_is_read_as_seconds_or_date(make, header, seconds):
    """As RFC 9110 has it; nonsense from a server is no reason to fail."""
    try:
        error = make(429, {"Retry-After": header})
    except UnicodeEncodeError:
        pytest.skip("no header can hold that")

    assert report_of(error, "digest", now=NOW).retry_after == seconds


def test_a_transient_error_may_say_when():
    """The step knows better than any header."""
    assert report_of(TransientError("Busy.", retry_after=12), "digest").retry_after == 12


@pytest.mark.parametrize("asked", [float("inf"), float("nan"), -5, 10**30])
def test_a_wait_that_is_none_is_kept_within_bounds(asked):
    """The report is JSON, and a timer needs a number."""
    report = report_of(TransientError("Busy.", retry_after=asked), "digest")

    assert report.retry_after is None or 0 <= report.retry_after <= 3600


@pytest.mark.parametrize("message", [None, ValueError("x"), 5, b"x", "\ud800"])
def test_a_message_that_is_no_text_is_made_one(message):
    """`raise PermanentError(error)` is a common slip; the step's report must not fail over it."""
    for error in (PermanentError(message), TransientError(message), PermanentError("x", code=message)):
        report = report_of(error, "digest")
        assert report.model_dump_json()


def test_a_response_without_headers_is_no_reason_to_fail():
    """Fakes and odd clients."""
    error = RuntimeError()
    error.response = SimpleNamespace(status_code=503)  # type: ignore[attr-defined]  # as odd clients do

    assert report_of(error, "digest").kind == "transient"


@given(st.integers(1, 60), st.none() | st.floats())
def test_a_delay_is_always_between_two_seconds_and_an_hour(attempt, asked):
    """Whatever a server asks for, and however often it failed."""
    retry = Retry(attempts=100, first_delay=timedelta(seconds=0), backoff=7, max_delay=timedelta(minutes=5))

    assert timedelta(seconds=2) <= retry.delay(attempt, asked) <= timedelta(hours=1)


@given(st.integers(1, 50))
def test_delays_never_shrink(attempt):
    """Backoff."""
    retry = Retry(attempts=100)

    assert retry.delay(attempt, None) <= retry.delay(attempt + 1, None)
