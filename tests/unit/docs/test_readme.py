"""The README says what is there."""

import re
from pathlib import Path

import pytest

from raincheck import __version__

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = set(re.findall(r"^([a-z0-9]+):", MAKEFILE, re.MULTILINE))


def test_every_target_named_in_the_docs_is_in_the_makefile():
    """Whoever types what the README says must not meet 'no rule to make target'."""
    texts = [README, *((ROOT / name).read_text() for name in ("CONTRIBUTING.md", "CHANGELOG.md"))]
    named = {name for text in texts for name in re.findall(r"(?:`|^)make ([a-z0-9]+)", text, re.MULTILINE)}
    assert named - TARGETS == set()


def test_every_target_has_its_plain_commands():
    """People without make find each command in the README's table."""
    table = set(re.findall(r"^\| `make ([a-z0-9]+)` \|", README, re.MULTILINE))
    own = TARGETS - {"help", "clean"}
    assert own - table == set()


@pytest.mark.parametrize(
    "target",
    [
        "check",
        "lint",
        "unit",
        "hosts",
        "devhost",
        "adapters",
        "e2e",
        "faults",
        "programs",
        "bench",
        "record",
        "audit",
    ],
)
def test_the_plain_commands_are_those_of_make(target):
    """The table doesn't fall behind the Makefile."""
    recipe = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)[1]
    commands = [line.strip().removeprefix("@") for line in recipe.splitlines()]
    code = re.search(r"^CODE := (.*)$", MAKEFILE, re.MULTILINE)[1]
    plain = " && ".join(commands)
    for variable, value in (("$(BIN)", ".venv/bin"), ("$(CODE)", code), ('"$(HOST)"', "dev")):
        plain = plain.replace(variable, value)
    assert f"| `make {target}` | `{plain}` |" in README


def test_every_link_to_a_file_leads_somewhere():
    """Relative links in the documents exist."""
    for file in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for link in re.findall(r"\]\(([^)#:]+)\)", file.read_text()):
            assert (file.parent / link).exists(), f"{file.name}: {link}"


def test_the_version_is_one():
    """The package's, the code's."""
    declared = re.search(r'^version = "(.*)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)

    assert declared[1] == __version__
