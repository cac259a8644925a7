"""The exceptions of the clients that people use, judged as the table in docs/writing-flows.md says."""

import urllib.error
from datetime import UTC, datetime, timedelta
from email.message import Message
from types import SimpleNamespace

import aiohttp
import httpx
import openai
import pytest
import requests
from azure.core import exceptions as azure
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from raincheck import PermanentError, StepStopped, TransientError
from raincheck.errors import StepEscaped
from raincheck.step_failures import report_of

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
REQUEST = httpx.Request("GET", "https://example.com/")


def by_httpx(status, headers):
    return httpx.HTTPStatusError("x", request=REQUEST, response=httpx.Response(status, headers=headers))


def by_requests(status, headers):
    response = requests.Response()
    response.status_code = status
    response.headers.update(headers)
    return requests.HTTPError("x", response=response)


def by_aiohttp(status, headers):
    info = aiohttp.RequestInfo(URL("https://example.com"), "GET", CIMultiDictProxy(CIMultiDict()))
    return aiohttp.ClientResponseError(info, (), status=status, headers=CIMultiDict(headers))


def by_urllib(status, headers):
    message = Message()
    for name, value in headers.items():
        message[name] = value
    return urllib.error.HTTPError("https://example.com", status, "x", message, None)


def by_openai(status, headers, code=None):
    response = httpx.Response(status, headers=headers, request=REQUEST)
    return openai.APIStatusError("x", response=response, body={"code": code})


def by_azure(status, headers):
    response = SimpleNamespace(
        status_code=status, reason="x", headers=headers, text=lambda *_: "", content_type=""
    )
    return azure.HttpResponseError(message="x", response=response)


def by_anthropic(status, headers):
    """A stand-in: its exceptions are made as openai's are."""
    base = type("AnthropicError", (Exception,), {"__module__": "anthropic"})
    error = type("APIStatusError", (base,), {"__module__": "anthropic"})("x")
    error.response = httpx.Response(status, headers=headers, request=REQUEST)
    error.status_code = status
    return error


LIBRARIES = [by_httpx, by_requests, by_aiohttp, by_urllib, by_openai, by_azure, by_anthropic]


@pytest.mark.parametrize("by", LIBRARIES)
@pytest.mark.parametrize(
    ("kind", "statuses"),
    [
        ("transient", (408, 425, 429, 500, 502, 503, 504, 529, 599)),
        ("permanent", (301, 304, 400, 401, 403, 404, 409, 410, 412, 422, 451)),
    ],
)
def test_the_status_decides(by, kind, statuses):
    """What isn't there is not there the next time either, whoever says so."""
    assert {report_of(by(status, {}), "look", now=NOW).kind for status in statuses} == {kind}


@pytest.mark.parametrize("by", LIBRARIES)
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after": "30.5"}, 30.5),
        ({"RETRY-AFTER": "Sat, 21 Nov 2026 12:01:30 GMT"}, 90.0),
        ({"Retry-After": "Sat, 21 Nov 2026 12:01:30 -0000"}, 90.0),
        ({"Retry-After": "9", "retry-after-ms": "1500"}, 1.5),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
def test_what_a_server_asks_for_is_read_from_each(by, headers, seconds):
    """One reader of Retry-After."""
    assert report_of(by(429, headers), "look", now=NOW).retry_after == seconds


PERMANENT = [
    httpx.UnsupportedProtocol("x"), httpx.InvalidURL("x"), httpx.TooManyRedirects("x"),
    requests.exceptions.MissingSchema("x"), requests.exceptions.InvalidURL("x"),
    requests.TooManyRedirects("x"),
    aiohttp.InvalidURL("x"), aiohttp.NonHttpUrlClientError("x"),
    openai.OpenAIError("no key"), by_openai(429, {}, "insufficient_quota"),
    by_openai(500, {"x-should-retry": "false"}),
    azure.ResourceNotFoundError("x"), azure.ResourceModifiedError("x"),
]  # fmt: skip
TRANSIENT = [
    httpx.ConnectTimeout("x"), httpx.ReadError("x"), httpx.PoolTimeout("x"), httpx.RemoteProtocolError("x"),
    requests.ConnectionError("x"), requests.Timeout("x"), requests.exceptions.ChunkedEncodingError("x"),
    aiohttp.ClientConnectionError("x"), aiohttp.ServerDisconnectedError("x"), aiohttp.ServerTimeoutError("x"),
    aiohttp.ClientPayloadError("x"),
    urllib.error.URLError("x"), ConnectionResetError("x"), TimeoutError("x"),
    openai.APIConnectionError(request=REQUEST), openai.APITimeoutError(request=REQUEST),
    by_openai(409, {"x-should-retry": "true"}),
    azure.ServiceRequestError("x"), azure.ServiceResponseError("x"), azure.IncompleteReadError("x"),
    azure.HttpResponseError("x"),
]  # fmt: skip


@pytest.mark.parametrize("error", PERMANENT, ids=lambda error: type(error).__name__)
def test_what_will_be_the_same_is_permanent(error):
    """A wrong address, too many redirects, no key, no credit."""
    assert report_of(error, "look", now=NOW).kind == "permanent"


@pytest.mark.parametrize("error", TRANSIENT, ids=lambda error: type(error).__name__)
def test_what_may_pass_is_transient(error):
    """A connection that broke, a time-out."""
    assert report_of(error, "look", now=NOW).kind == "transient"


def test_a_group_is_permanent_if_anything_in_it_is():
    """Of a TaskGroup, nested too: doing it all again would end the same way."""
    inner = ExceptionGroup("in", [OSError(), PermanentError("no seats", code="no_seats")])
    report = report_of(ExceptionGroup("out", [TransientError("busy", retry_after=9), inner]), "look", now=NOW)

    assert (report.kind, report.error.code, report.error.message) == ("permanent", "no_seats", "no seats")


def test_a_group_waits_as_long_as_any_in_it_asks_for():
    """The others have waited long enough then, too."""
    group = ExceptionGroup(
        "out",
        [TransientError("a", retry_after=3), ExceptionGroup("in", [by_httpx(429, {"Retry-After": "60"})])],
    )

    assert report_of(group, "look", now=NOW).retry_after == 60


def test_a_group_that_was_stopped_is_stopped():
    """The run doesn't want it any more."""
    assert report_of(ExceptionGroup("x", [StepStopped(), OSError()]), "look").kind == "stopped"


def test_what_escaped_is_named_for_what_it_was():
    """Not for what stood in its place."""
    error = StepEscaped("x")
    error.__cause__ = SystemExit(3)

    assert "SystemExit" in report_of(error, "look").error.message


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        (None, None), (3, 3.0), (2.5, 2.5), (timedelta(minutes=1), 60.0), ("30", 30.0), ("30.5", 30.5),
        ("soon", None), (10**400, 3600.0),
    ],
)  # fmt: skip
def test_a_step_may_say_when_in_any_form(asked, seconds):
    """Seconds, a timedelta, or a header as it came."""
    assert report_of(TransientError("busy", retry_after=asked), "look").retry_after == seconds


@pytest.mark.parametrize("asked", [[], {}, True, b"3"], ids=repr)
def test_what_is_no_time_is_refused_at_the_authors_line(asked):
    """Not where the report is made, far from it."""
    with pytest.raises(TypeError, match=r"retry_after=\w+\): it takes seconds, a timedelta"):
        TransientError("busy", retry_after=asked)
