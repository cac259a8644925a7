"""The command line: what it prints where, and its exit codes."""

import json

import httpx
import pytest

from raincheck.client import TokenStore, command_line
from raincheck.service.settings import Settings
from tests.unit.client.fake_app import FakeApp, answer, event, problem, stream


@pytest.fixture
def say(monkeypatch, tmp_path):
    """Say a command line to an app; gives the exit code."""
    monkeypatch.setenv("RAINCHECK_TOKEN_FILE", str(tmp_path / "tokens.json"))
    monkeypatch.setenv("RAINCHECK_KEY", "key-secret")

    def say(app, *words):
        monkeypatch.setattr(command_line, "Client", lambda _url, key: app.client(key=key))
        return command_line.main(words)

    return say


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (answer("Succeeded"), 0),
        (answer("Failed"), 1),
        (answer("Canceled"), 1),
        (answer("Running"), 5),
        (answer("InputRequired"), 5),
        (problem(404, "not_found"), 3),
        (httpx.ConnectError("x"), 4),
    ],
    ids=["succeeded", "failed", "canceled", "running", "input required", "refused", "no answer"],
)
def test_the_exit_code_tells_how_it_stands(say, given, code):
    """Scripts branch on it: each code of the help text means what it says."""
    assert say(FakeApp(given), "status", "tok-0") == code


def test_waiting_too_long_has_a_code_of_its_own(say):
    """A script can tell a run that goes on from one that failed."""
    assert say(FakeApp(answer("Running", retry_after=5)), "wait", "tok-0", "--limit", "9") == 5


def test_a_document_is_the_only_thing_on_standard_output(say, capsys):
    """Its output can be piped into a JSON parser, whatever else is said."""
    app = FakeApp(answer("Running"), answer("Succeeded", progress={"percent": 50, "message": "half"}))
    say(app, "wait", "tok-0")
    assert json.loads(capsys.readouterr().out)["status"] == "Succeeded"


def test_a_story_is_printed_as_it_is(say, capsys):
    """`follow` gives the text alone: pieces joined, nothing between."""
    app = FakeApp(
        stream(event(0, text="Once, "), event(1, text="a clerk\n"), event(2, "run.succeeded", result={}))
    )
    assert say(app, "follow", "tok-0") == 0
    assert capsys.readouterr().out == "Once, a clerk\n"


def test_a_kept_token_goes_on_where_following_ended(say, tmp_path):
    """Broken off, the next `follow @story` starts after what was shown."""
    say(FakeApp(answer("Running")), "start", "tell_story", "--keep", "story")
    say(FakeApp(stream(event(0), lost=True), problem(404, "not_found")), "follow", "@story")
    again = FakeApp(problem(404, "not_found"))
    say(again, "follow", "@story")
    assert again.requests[0].url.path == "/api/runs/tok-1/events"
    assert TokenStore(tmp_path / "tokens.json").get("story").token == "tok-0"  # that of an event only reads


def test_an_unknown_name_is_wrong_usage(say, capsys):
    """A typing error isn't sent to the app as a token."""
    app = FakeApp(answer("Running"))
    assert say(app, "status", "@nobody") == 2
    assert app.requests == []


def test_the_key_is_never_printed(say, capsys):
    """Neither an answer, nor an error, nor the help shows it."""
    say(FakeApp(problem(401, "unauthorized")), "start", "tell_story")
    with pytest.raises(SystemExit):
        say(FakeApp(answer("Running")), "--help")
    printed = capsys.readouterr()
    assert "key-secret" not in printed.out + printed.err


def test_an_input_can_come_from_a_file(say, tmp_path):
    """`--input @FILE`: documents are longer than a command line."""
    (tmp_path / "input.json").write_text('{"topic": "rain"}')
    app = FakeApp(answer("Succeeded"))
    say(app, "start", "tell_story", "--input", f"@{tmp_path / 'input.json'}")
    assert json.loads(app.requests[0].content)["input"] == {"topic": "rain"}


def test_an_input_that_is_no_json_is_wrong_usage(say):
    """The parser's own code, and nothing is sent."""
    with pytest.raises(SystemExit) as raised:
        say(FakeApp(answer("Running")), "start", "tell_story", "--input", "{")
    assert raised.value.code == 2


@pytest.mark.parametrize("kind", ["signing", "webhook", "api"])
def test_new_keys_are_settings_that_the_app_takes(say, capsys, kind):
    """What `keys new` prints can be pasted as it is."""
    say(FakeApp(answer("Running")), "keys", "new", kind)
    line = next(line for line in capsys.readouterr().out.splitlines() if not line.startswith("#"))
    name, _, value = line.partition("=")
    others = {"RAINCHECK_SIGNING_KEYS": "k" * 32, "AzureWebJobsStorage": "UseDevelopmentStorage=true"}
    assert Settings.from_environment({**others, name: value})
