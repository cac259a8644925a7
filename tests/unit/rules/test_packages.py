"""What is installed: ranges for those who build on it, locks for what was tested, a reason for each."""

import re
import subprocess
import sys
import tomllib

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.unit.rules.repository import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
BARE = PROJECT["project"]["dependencies"]
OURS = {"raincheck", "raincheck-devhost"}
CONSTRAINTS = "raincheck/dev/templates/constraints.txt"
LOCKS = {
    "requirements.txt": [*BARE, *EXTRAS["functions"]],
    "requirements-dev.txt": [
        *BARE,
        *(line for extra in EXTRAS.values() for line in extra),
        *PROJECT["dependency-groups"]["framework"],
    ],
    CONSTRAINTS: [*BARE, *EXTRAS["functions"], *EXTRAS["dev"]],
}
PYTHONS = ["3.11", "3.13"]


def entries(file):
    """Give each pin of a lock with what follows it: hashes and who wants it."""
    text = (ROOT / file).read_text(encoding="utf-8")
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    return [(Requirement(block.split("\n")[0].rstrip(" \\")), block) for block in blocks]


def applies(requirement, python):
    environment = default_environment() | {"python_version": python, "python_full_version": f"{python}.0"}
    return requirement.marker is None or requirement.marker.evaluate(environment)


def versions(file, python):
    """Give the version of each package that is installed on this Python."""
    return {
        canonicalize_name(pin.name): str(pin.specifier).removeprefix("==")
        for pin, _ in entries(file)
        if applies(pin, python)
    }


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("file", LOCKS)
def test_ranges_and_locks_agree(file, python):
    """What is pinned is what pyproject.toml allows: who changes one runs `make lock`."""
    pinned = versions(file, python)
    for line in LOCKS[file]:
        wanted = Requirement(line)
        if wanted.name not in OURS and applies(wanted, python):
            assert wanted.specifier.contains(pinned[wanted.name]), line


@pytest.mark.parametrize("file", LOCKS)
def test_every_package_is_pinned(file):
    """A deployment next month installs what was tested today."""
    assert [
        str(pin) for pin, _ in entries(file) if not re.fullmatch(r"==[0-9][^*,]*", str(pin.specifier))
    ] == []


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_every_pin_has_hashes(file):
    """Nobody can put another file under a version's name."""
    assert [str(pin) for pin, block in entries(file) if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("file", LOCKS)
def test_locks_name_no_place(file):
    """They come from any mirror, and hold no address or folder of the machine that made them."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("-") or "://" in line] == []


@pytest.mark.parametrize("file", ["requirements.txt", CONSTRAINTS])
@pytest.mark.parametrize("python", PYTHONS)
def test_all_locks_pin_alike(file, python):
    """What is tested here is what the cloud installs, and what a new app gets."""
    assert versions(file, python).items() <= versions("requirements-dev.txt", python).items()


@pytest.mark.parametrize("line", sorted({*LOCKS["requirements-dev.txt"]} - {"raincheck[functions]"}))
def test_every_direct_dependency_has_a_range(line):
    """The lower bound was tested; the upper one is the next version that may break."""
    assert {specifier.operator for specifier in Requirement(line).specifier} == {">=", "<"}


def test_every_direct_dependency_is_explained():
    """Few packages, each for a reason that somebody wrote down."""
    names = {Requirement(line).name for line in LOCKS["requirements-dev.txt"]} - {"raincheck"}
    explained = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    assert [name for name in sorted(names) if not re.search(rf"(?<![\w-]){name}(?![\w-])", explained)] == []


def test_authors_callers_and_tests_import_nothing_of_azure():
    """They install the bare package, which doesn't bring it."""
    script = "import raincheck, raincheck.client, raincheck.testing, sys; print(*sys.modules)"
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = {name.partition(".")[0] for name in out.stdout.split()}
    assert {name for name in loaded if name.startswith("azure")} | (
        loaded & {"fastapi", "starlette"}
    ) == set()
    assert "raincheck" in loaded
