"""An app that can't start says why, and answers every request with that it can't."""

import json
import logging
import sys

import pytest

from raincheck.errors import ConfigurationError, DefinitionError
from raincheck.functions import function_app
from raincheck.functions.broken import NAME, app_of_last_resort

CAUSE = DefinitionError("orchestrators/mine.py:3: the flow 'mine' has a secret=hunter2")


class Request:
    """What the worker hands over; nothing of it is looked at."""


def function_of(app):
    (function,) = app.get_functions()
    return function


async def answer(app):
    return await function_of(app).get_user_function()(Request())


def test_one_function_takes_every_route_and_every_method():
    """Keyed ones and open ones alike: without a key, as the answer tells nothing."""
    function = function_of(app_of_last_resort(CAUSE))
    (trigger,) = [each for each in function.get_bindings_dict()["bindings"] if each["type"] == "httpTrigger"]

    assert function.get_function_name() == NAME
    assert (trigger["route"], trigger["authLevel"].name) == ("{*path}", "ANONYMOUS")
    assert {each.name for each in trigger["methods"]} == {
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS",
    }  # fmt: skip


async def test_it_answers_503_and_keeps_the_cause_to_itself():
    """Callers learn that it may pass; the cause is for whoever reads the log."""
    response = await answer(app_of_last_resort(CAUSE))
    document = json.loads(response.body)

    assert (response.status_code, document["status"], document["code"]) == (503, 503, "app_broken")
    assert response.headers["content-type"] == "application/problem+json"
    assert int(response.headers["retry-after"]) > 0
    assert "hunter2" not in response.body.decode()


@pytest.mark.parametrize(
    "error", [CAUSE, ConfigurationError("RAINCHECK_X is wrong"), KeyError("\ud800")], ids=repr
)
def test_the_cause_is_in_the_log_and_on_stderr(error, caplog, capsys):
    """One line at error level, one block for whoever looks at the process."""
    app_of_last_resort(error)
    (record,) = [each for each in caplog.records if each.name == "raincheck"]

    assert record.levelno == logging.ERROR
    for text in (record.getMessage(), capsys.readouterr().err):
        assert type(error).__name__ in text
        assert text.encode()
        assert isinstance(error, KeyError) or str(error) in text


async def test_the_log_says_it_again_but_not_at_every_request(caplog):
    """Whoever looks an hour later finds it too."""
    now = [0.0]
    app = app_of_last_resort(CAUSE, monotonic=lambda: now[0])
    call = function_of(app).get_user_function()
    for now[0] in (1, 2, 59, 61, 62, 200):
        await call(Request())

    assert len([each for each in caplog.records if each.name == "raincheck"]) == 1 + 2


@pytest.fixture
def app_folder(tmp_path, monkeypatch):
    """An app of one broken file, and right settings."""
    monkeypatch.setenv("AzureWebJobsStorage", "UseDevelopmentStorage=true")
    monkeypatch.setenv("RAINCHECK_SIGNING_KEYS", "k" * 40)
    monkeypatch.setenv("RAINCHECK_DEVELOPMENT", "true")
    monkeypatch.delenv("DEVHOST_BROKEN_APP", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "host.json").write_text("{}")
    (tmp_path / "broken_app_of_a_test.py").write_text("x = 1\nimport sys\nsys.exit(x)\n")
    yield tmp_path
    sys.modules.pop("broken_app_of_a_test", None)


@pytest.mark.parametrize("what", ["module", "setting", "host.json"])
def test_whatever_stops_the_app_is_answered(what, app_folder, monkeypatch, caplog):
    """A flow that ends the program, a setting, a host.json that is none."""
    package = "broken_app_of_a_test" if what == "module" else "json"
    if what == "setting":
        monkeypatch.delenv("RAINCHECK_SIGNING_KEYS")
        monkeypatch.delenv("RAINCHECK_DEVELOPMENT")
    if what == "host.json":
        (app_folder / "host.json").write_text("{")
    app = function_app(str(app_folder / "function_app.py"), package)

    assert function_of(app).get_function_name() == NAME
    assert "can't start" in caplog.text
    if what == "module":
        assert "broken_app_of_a_test.py:3: this ends the program" in caplog.text


def test_a_host_that_shows_the_cause_gets_it_raised(app_folder, monkeypatch):
    """With the author's own place, and without our frames."""
    monkeypatch.setenv("DEVHOST_BROKEN_APP", "raise")
    with pytest.raises(DefinitionError) as caught:
        function_app(str(app_folder / "function_app.py"), "broken_app_of_a_test")

    assert caught.value.place == (str(app_folder / "broken_app_of_a_test.py"), 3)
    assert len(caught.traceback) <= 2
