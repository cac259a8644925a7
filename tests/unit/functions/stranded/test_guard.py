"""Where a worker looks different nothing is touched, and one line says so; where none is, nothing is said."""

import sys

import pytest
from azurefunctions.extensions.http import fastapi as extension
from raincheck_devhost.worker.coordinator import HttpCoordinator

from raincheck.functions.stranded import release_stranded
from raincheck.functions.stranded.waits import _PARAMETERS
from tests.unit.functions.stranded.conftest import NAMES, shown_as


async def async_two(self, invoc_id, more):
    """A wait that takes more."""


def blocking(self, invoc_id):
    """A wait that isn't awaited."""


async def async_set(self, invoc_id, http_request):
    """A setter that is awaited."""


def without(name):
    """A coordinator that lacks a name."""
    methods = ("__init__", "_reference", "_known", *_PARAMETERS)
    kept = {each: vars(HttpCoordinator)[each] for each in methods if each != name}
    return type("HttpCoordinator", (), kept)()


def otherwise(name, method):
    """A coordinator of which a method is called in another way."""
    return type("HttpCoordinator", (HttpCoordinator,), {name: method})()


def keeping(references):
    coordinator = HttpCoordinator()
    coordinator._context_references = references
    return coordinator


def no_references():
    coordinator = HttpCoordinator()
    del coordinator._context_references
    return coordinator


DIFFERENT = {
    "no wait for requests": without("get_http_request_async"),
    "no wait for answers": without("await_http_response_async"),
    "no way to bring a request": without("set_http_request"),
    "no way to bring an answer": without("set_http_response"),
    "a wait that takes more": otherwise("get_http_request_async", async_two),
    "another wait that takes more": otherwise("await_http_response_async", async_two),
    "a wait that blocks": otherwise("get_http_request_async", blocking),
    "another wait that blocks": otherwise("await_http_response_async", blocking),
    "a setter that is awaited": otherwise("set_http_request", async_set),
    "references in a list": keeping([]),
    "no references": no_references(),
    "nothing": None,
}


@pytest.fixture(autouse=True)
def web_app(monkeypatch):
    """The extension's own web app, restored after the test."""
    monkeypatch.setattr(extension.WebApp, "get_app", extension.WebApp.get_app)
    return extension.WebApp


def lines(capsys):
    return capsys.readouterr().err.splitlines()


@pytest.mark.parametrize("coordinator", DIFFERENT.values(), ids=DIFFERENT.keys())
def test_another_coordinator_stays_as_it_is(monkeypatch, capsys, coordinator):
    """All is looked at before anything is touched."""
    shown_as(monkeypatch, NAMES[0], http_coordinator=coordinator)
    before = dict(vars(coordinator)) if coordinator else {}
    release_stranded()
    (line,) = lines(capsys)
    assert line.startswith("raincheck: the wait for a request can't be mended and stays as it is: ")
    assert (dict(vars(coordinator)) if coordinator else {}) == before


def test_a_worker_without_coordinator_stays_as_it_is(monkeypatch, capsys):
    """Neither the name nor the module may be there."""
    shown_as(monkeypatch, NAMES[0])
    release_stranded()
    monkeypatch.delitem(sys.modules, f"{NAMES[0]}.http_v2")
    release_stranded()
    assert [line.rpartition(": ")[0].rpartition(": ")[2] for line in lines(capsys)] == [
        "AttributeError",
        "KeyError",
    ]


def test_an_extension_without_web_app_stays_as_it_is(monkeypatch, capsys):
    """The waits are bounded all the same."""
    coordinator = HttpCoordinator()
    shown_as(monkeypatch, NAMES[0], http_coordinator=coordinator)
    monkeypatch.delattr(extension, "WebApp")
    release_stranded()
    (line,) = lines(capsys)
    assert "the routes of the worker's web app" in line
    assert "get_http_request_async" in vars(coordinator)


@pytest.mark.parametrize("name", NAMES)
def test_a_worker_as_expected_is_mended_in_silence(monkeypatch, capsys, web_app, name):
    """Under the name that it has up to Python 3.12, and from 3.13 on."""
    coordinator = HttpCoordinator()
    shown_as(monkeypatch, name, http_coordinator=coordinator)
    get_app = web_app.get_app
    release_stranded()
    assert lines(capsys) == []
    assert "await_http_response_async" in vars(coordinator)
    assert web_app.get_app is not get_app


def test_without_a_worker_nothing_is_done_or_said(monkeypatch, capsys, web_app):
    """Tests, tools and scripts import the app, too."""
    shown_as(monkeypatch, None)
    get_app = web_app.get_app
    release_stranded()
    assert (lines(capsys), web_app.get_app) == ([], get_app)
