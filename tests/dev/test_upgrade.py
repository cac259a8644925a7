"""`raincheck upgrade`: newer wheels in vendor/, their names in the requirements files, the rest as it was."""

import zipfile

import pytest

from raincheck import __version__
from raincheck.dev.changelog import newer, sections_between
from raincheck.dev.new import main as new
from raincheck.dev.template_files import CHANGELOG
from raincheck.dev.upgrade import main

CHANGES = f"""# Changelog

## [Unreleased]

- Not out yet.

## [9.1.0] - 2031-01-01

- Rain that falls upwards.

## [9.0.0] - 2030-01-01

- Nine ways to collect.

## [{__version__}] - 2026-01-01

- What you have.
"""


@pytest.fixture
def app(tmp_path):
    """An app with a package of its user's."""
    folder = tmp_path / "app"
    assert new([str(folder)]) == 0
    with (folder / "requirements.txt").open("a") as file:
        file.write("rich>=14\n")
    return folder


@pytest.fixture
def release(app, tmp_path):
    """Return a maker of a folder with the wheels of another version."""

    def make(version):
        folder = tmp_path / f"release-{version}"
        folder.mkdir()
        for wheel in app.glob("vendor/*.whl"):
            with (
                zipfile.ZipFile(wheel) as old,
                zipfile.ZipFile(folder / wheel.name.replace(__version__, version), "w") as made,
            ):
                for name in old.namelist():
                    made.writestr(name, CHANGES if name == CHANGELOG else old.read(name))
        return folder

    return make


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_a_newer_one_is_taken(app, release, capsys):
    """Only vendor/ and two file names change; what is new is said."""
    before = files(app)
    capsys.readouterr()
    assert main(["--app", str(app), str(release("9.1.0"))]) == 0
    after = files(app)
    ours = {f"vendor/{name}-{__version__}-py3-none-any.whl" for name in ("raincheck", "raincheck_devhost")}
    assert before.keys() - after.keys() == ours
    assert after.keys() - before.keys() == {name.replace(__version__, "9.1.0") for name in ours}
    changed = {name for name in before.keys() & after.keys() if before[name] != after[name]}
    assert changed == {"requirements.txt", "requirements-dev.txt"}
    for name in changed:
        assert after[name].decode() == before[name].decode().replace(f"-{__version__}-", "-9.1.0-")
    out = capsys.readouterr().out
    assert out.index("falls upwards") < out.index("Nine ways")
    assert "What you have" not in out
    assert "Not out yet" not in out
    assert out.endswith("Next: make check\n")


def test_wheels_can_be_named(app, release, capsys):
    """One without the other, too: then the other is the one from before."""
    folder = release("9.1.0")
    assert main(["--app", str(app), str(folder / "raincheck-9.1.0-py3-none-any.whl")]) == 0
    assert "local host is the one from before" in capsys.readouterr().out
    assert {path.name for path in app.glob("vendor/*.whl")} == {
        "raincheck-9.1.0-py3-none-any.whl",
        f"raincheck_devhost-{__version__}-py3-none-any.whl",
    }


def test_an_older_one_is_refused(app, release, capsys):
    """Runs under way may hold what it doesn't know."""
    before = files(app)
    assert main(["--app", str(app), str(release("0.0.9"))]) == 1
    assert f"has {__version__} already, which is newer than 0.0.9" in capsys.readouterr().err
    assert files(app) == before


def test_what_is_installed_is_nothing_newer(app, capsys):
    """Without a source it looks at what is installed here."""
    before = files(app)
    assert main(["--app", str(app)]) == 0
    assert "name its wheels or folder" in capsys.readouterr().out
    assert files(app) == before


def test_the_same_version_is_taken_anew(app, release, capsys):
    """Somebody who works on Raincheck; pip has to be told."""
    assert main(["--app", str(app), str(release(__version__))]) == 0
    assert "make clean check" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("source", "words"), [("nowhere", "isn't there"), ("empty", "There is no wheel of Raincheck in")]
)
def test_a_source_without_raincheck_is_refused(app, tmp_path, capsys, source, words):
    """It is named."""
    (tmp_path / "empty").mkdir()
    assert main(["--app", str(app), str(tmp_path / source)]) == 1
    err = capsys.readouterr().err
    assert words in err
    assert source in err


def test_another_folder_is_refused(tmp_path, capsys):
    """Somebody is in the wrong place."""
    assert main(["--app", str(tmp_path)]) == 1
    assert "run this in the app's folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0.10.0", "0.9.1"),
        ("1.0.0", "1.0.0rc1"),
        ("1.0.0rc2", "1.0.0rc1"),
        ("1.0.1", "1.0"),
        ("2.0", "1.99.99"),
    ],
)
def test_versions_have_an_order(one, other):
    """Numbers, not letters; a release comes after its candidates."""
    assert newer(one, other)
    assert not newer(other, one)
    assert not newer(one, one)


def test_what_is_not_released_yet_belongs_to_a_version_without_a_heading():
    """A wheel made between two releases tells what it has."""
    assert "Not out yet" in sections_between(CHANGES, "9.1.0", "9.2.0.dev1")
