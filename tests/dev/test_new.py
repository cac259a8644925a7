"""`raincheck new`: what it makes, and what it refuses. That it runs: test_new_app.py."""

import json
import re
import tomllib
import zipfile

import pytest

from raincheck import __version__
from raincheck.dev import wheels
from raincheck.dev.new import hub_name, main
from raincheck.dev.template_files import CHANGELOG, FROM_ROOT
from tests.dev.upped import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """A new app, in a folder whose parents weren't there."""
    folder = tmp_path_factory.mktemp("new") / "of my own" / "rain-check 2"
    assert main([str(folder)]) == 0
    return folder


def test_two_commands_are_said(tmp_path, capsys):
    """The rest is in its README."""
    assert main([str(tmp_path / "my app")]) == 0
    commands = re.findall(r"^  (\S.*?)(?:  +#.*)?$", capsys.readouterr().out, re.MULTILINE)
    assert commands == [f"cd '{tmp_path / 'my app'}'", "make up", "make check"]


def test_a_folder_that_is_not_empty_is_refused(tmp_path, capsys):
    """Nobody's files are written over."""
    (tmp_path / "notes.txt").write_text("mine")
    assert main([str(tmp_path)]) == 1
    assert "there is notes.txt in it" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_file_is_refused(tmp_path, capsys):
    """A name that is taken."""
    (tmp_path / "app").write_text("mine")
    assert main([str(tmp_path / "app")]) == 1
    assert "is a file" in capsys.readouterr().err


def test_without_the_local_host_it_says_what_to_do(tmp_path, capsys, monkeypatch):
    """And never sends anybody to a package of a like name."""
    find = wheels.metadata.distribution

    def distribution(name):
        if name == wheels.DEVHOST:
            raise wheels.metadata.PackageNotFoundError(name)
        return find(name)

    monkeypatch.setattr(wheels.metadata, "distribution", distribution)
    assert main([str(tmp_path / "app")]) == 1
    assert "no package of a like name is it" in capsys.readouterr().err


def test_every_mark_is_filled_in(app):
    """Nothing of the template shows."""
    for path in app.rglob("*"):
        if path.is_file() and path.suffix in {".md", ".txt"}:
            assert re.findall(r"\{[a-z]+\}", path.read_text()) == [], path


def test_requirements_name_the_vendored_wheels(app):
    """What the cloud's pip finds in the folder it was given; the local host stays at home."""
    lines = (app / "requirements.txt").read_text().splitlines()
    assert f"./vendor/raincheck-{__version__}-py3-none-any.whl[functions]" in lines
    assert "-c vendor/constraints.txt" in lines
    named = re.findall(r"vendor/[^\s\[]+", (app / "requirements.txt").read_text())
    named += re.findall(r"^\./(vendor/[^\s\[]+)", (app / "requirements-dev.txt").read_text(), re.MULTILINE)
    assert {name for name in named if name.endswith(".whl")} == {
        path.relative_to(app).as_posix() for path in app.glob("vendor/*.whl")
    }
    ignored = (app / ".funcignore").read_text().splitlines()
    assert [line for line in ignored if line.startswith("vendor")] == ["vendor/raincheck_devhost-*.whl"]


def test_each_app_has_a_hub_of_its_own(app):
    """Two apps on one storage account don't touch each other's runs."""
    host = json.loads((app / "host.json").read_text())
    assert host["extensions"]["durableTask"]["hubName"] == "RainCheck2"


@pytest.mark.parametrize(
    ("folder", "hub"),
    [
        ("my-app", "MyApp"),
        ("2nd app", "ndApp"),
        ("x", "Raincheck"),
        ("日本", "Raincheck"),
        ("a" * 60, "A" + "a" * 44),
    ],
)
def test_a_hub_name_is_one_that_durable_takes(folder, hub):
    """Letters and digits, three to forty-five, a letter first."""
    assert hub_name(folder) == hub
    assert re.fullmatch(r"[A-Za-z][A-Za-z0-9]{2,44}", hub)


def test_its_settings_are_no_secret_of_ours(app):
    """The file for local settings is there, and git doesn't take it."""
    assert json.loads((app / "local.settings.json").read_text())["Values"]["RAINCHECK_SIGNING_KEYS"] == ""
    assert "local.settings.json" in (app / ".gitignore").read_text().splitlines()


def test_a_wheel_holds_what_the_root_lends():
    """The list of the package and that of its builder are one."""
    included = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert included == {
        **{name: f"raincheck/dev/templates/{name}" for name in FROM_ROOT},
        "CHANGELOG.md": CHANGELOG,
    }


def test_a_wheel_holds_the_library_only(app):
    """Not the example flows, not the tests, not the local host."""
    with zipfile.ZipFile(next(app.glob("vendor/raincheck-*.whl"))) as wheel:
        tops = {name.partition("/")[0] for name in wheel.namelist()}
    assert tops == {"raincheck", f"raincheck-{__version__}.dist-info"}
