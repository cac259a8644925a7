"""`raincheck record`: in an app of its own, with flows that come, change and go."""

import sys
from textwrap import dedent

import pytest

from raincheck.errors import DefinitionError
from raincheck.testing import command_line, recordings

GREET = """
    from pydantic import BaseModel
    from raincheck import Run, flow, step


    class Name(BaseModel):
        name: str


    @step
    async def look_up(name: str) -> str:
        with open("calls", "a") as file:
            file.write(name)
        return name.title()


    @flow
    async def greet(run: Run, name: str) -> str:
        return "Hello, " + await run.step(look_up, name)
"""
ASK = """
    from pydantic import BaseModel
    from raincheck import Run, flow


    class Name(BaseModel):
        name: str


    @flow
    async def ask(run: Run, name: Name) -> str:
        return (await run.ask("Who is " + name.name + "?", Name)).name
"""


class App:
    """An app in a folder; `record` runs the command there."""

    def __init__(self, folder, capsys):
        self.folder = folder
        self.recorded = folder / "tests" / "app" / "recorded"
        self._capsys = capsys
        for package in ("orchestrators", "activities"):
            (folder / package).mkdir()
            (folder / package / "__init__.py").touch()

    def write(self, **flows):
        for name, text in flows.items():
            (self.folder / "orchestrators" / f"{name}.py").write_text(dedent(text))

    def remove(self, name):
        (self.folder / "orchestrators" / f"{name}.py").unlink()

    def record(self, *arguments):
        forget()
        code = command_line.main(arguments)
        out, err = self._capsys.readouterr()
        return code, out, err

    @property
    def calls(self):
        return (self.folder / "calls").read_text()


def forget():
    """The command runs in a process of its own elsewhere: nothing is imported yet."""
    for name in [m for m in sys.modules if m.partition(".")[0] in ("orchestrators", "activities")]:
        del sys.modules[name]


@pytest.fixture
def app(tmp_path, monkeypatch, capsys):
    """An app without flows."""
    others = {
        m: sys.modules[m] for m in sys.modules if m.partition(".")[0] in ("orchestrators", "activities")
    }
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        sys, "dont_write_bytecode", True
    )  # a file that changes twice a second is the same to it
    yield App(tmp_path, capsys)
    forget()
    sys.modules.update(others)


def test_no_flows_are_no_recordings(app):
    """A new app."""
    assert app.record() == (0, "", "")


def test_a_flow_without_one_gets_its_command(app):
    """And the command works as it is printed."""
    app.write(greet=GREET)
    code, out, _ = app.record()
    assert code == 0
    assert out.startswith("greet: has no recorded history; make one: ")
    assert out.endswith("-m raincheck record greet --input '\"text\"'\n")

    assert app.record("greet", "--input", '"text"') == (0, "greet: recorded\n", "")
    assert (app.recorded / "greet.json").exists()


def test_what_still_holds_stays_as_it_is(app):
    """No step is called, no file changes."""
    app.write(greet=GREET)
    app.record("greet", "--input", '"ada"')
    before = (app.recorded / "greet.json").read_bytes()

    assert app.record() == (0, "greet: as recorded\n", "")
    assert (app.recorded / "greet.json").read_bytes() == before
    assert app.calls == "ada"


def test_a_changed_flow_is_recorded_anew(app):
    """Its input is in the recording."""
    app.write(greet=GREET)
    app.record("greet", "--input", '"ada"')
    app.write(greet=GREET.replace("Hello", "Hullo"))

    assert app.record() == (0, "greet: recorded\n", "")
    assert recordings(app.recorded)[0].output["result"] == "Hullo, Ada"


def test_the_recording_of_a_flow_that_is_gone_is_removed(app):
    """And it is said."""
    app.write(greet=GREET)
    app.record("greet", "--input", '"ada"')
    app.remove("greet")

    code, out, _ = app.record()
    assert (code, out) == (0, "greet: is gone, and its history is removed: tests/app/recorded/greet.json\n")
    assert list(app.recorded.iterdir()) == []


def test_a_new_version_is_recorded_beside_the_old_one(app):
    """Both have to hold as long as both are there."""
    app.write(greet=GREET)
    app.record("greet", "--input", '"ada"')
    app.write(second=GREET.replace("@flow", '@flow(name="greet", version=2)').replace("look_up", "find"))
    app.record()
    assert [str(recording) for recording in recordings(app.recorded)] == ["greet", "greet v2"]

    app.remove("greet")
    app.record()
    assert [str(recording) for recording in recordings(app.recorded)] == ["greet v2"]


def test_a_version_that_is_gone_makes_room_for_the_next(app):
    """It was never deployed."""
    app.write(greet=GREET)
    app.record("greet", "--input", '"ada"')
    app.write(greet=GREET.replace("@flow", "@flow(version=2)"))
    app.record()

    assert [str(recording) for recording in recordings(app.recorded)] == ["greet v2"]


def test_a_question_without_an_answer_gets_its_command(app):
    """With an answer that fits its model."""
    app.write(ask=ASK)
    code, _, err = app.record("ask", "--input", '{"name": "Ada"}')
    assert code == 1
    assert "asks 'Who is Ada?'; answer it: " in err
    assert err.endswith("""--input '{"name": "Ada"}' --answers '[{"name": "text"}]'\n""")

    assert app.record("ask", "--input", '{"name": "Ada"}', "--answers", '[{"name": "text"}]')[0] == 0
    assert app.record() == (0, "ask: as recorded\n", "")


def test_an_input_that_no_longer_fits_keeps_the_old_recording(app):
    """The others are recorded all the same."""
    app.write(ask=ASK, greet=GREET)
    app.record("ask", "--input", '{"name": "Ada"}', "--answers", '[{"name": "text"}]')
    app.record("greet", "--input", '"ada"')
    app.write(ask=ASK.replace("name: str", "name: str\n        age: int"))

    code, out, err = app.record()
    assert (code, out) == (1, "greet: as recorded\n")
    assert "the input doesn't fit ask; another: " in err
    assert """--input '{"name": "text", "age": 1}'""" in err
    assert (app.recorded / "ask.json").exists()


def test_input_may_come_from_a_file(app):
    """Large inputs are kept in files."""
    app.write(greet=GREET)
    (app.folder / "input.json").write_text('"ada"')

    assert app.record("greet", "--input", "@input.json")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--input", "5"], "need a FLOW"),
        (["greet", "--input", "{"], "not JSON"),
        (["greet", "--input", "@nothing"], "nothing: No such file"),
        (["greet", "--answers", "5"], "a list"),
    ],
)
def test_wrong_usage_is_told(app, capsys, arguments, words):
    """In a line, with exit code 2."""
    with pytest.raises(SystemExit) as caught:
        app.record(*arguments)

    assert caught.value.code == 2
    assert words in capsys.readouterr().err


def test_a_flow_that_is_not_there_is_told(app):
    """With those that are."""
    app.write(greet=GREET)

    assert app.record("great")[2] == "raincheck record: there is no flow 'great'; there are: greet\n"


def test_another_folder_is_told(app, monkeypatch):
    """The command belongs into the app's folder."""

    def discover():
        raise DefinitionError("no module named 'orchestrators'")

    monkeypatch.setattr(command_line, "discover", discover)

    assert app.record() == (
        1,
        "",
        "raincheck record: no module named 'orchestrators' (run this in the folder of your app)\n",
    )
