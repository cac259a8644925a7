"""Flow files as people write them: what is wrong is said with file, line, source and what to write instead.

Each case in `broken/` is files and, last, the whole message. A person who has never seen the code should know
what to change and where.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.rules.repository import ROOT

FOLDER = Path(__file__).with_name("broken")
CASES = sorted(FOLDER.rglob("*.txt"))
PART = re.compile(r"^== (\S+)(?: (\S+))?\n(.*?)(?=^== |\Z)", re.MULTILINE | re.DOTALL)
SAY = """\
import sys
from raincheck.errors import DefinitionError
from raincheck.registry import discover

try:
    registry = discover("orchestrators", "activities")
    print("FOUND", sorted(registry.flows), sorted(registry.steps))
except DefinitionError as error:
    print(error)
"""


def said(folder, case):
    """Write the files of a case; return what the app says of them, and what it should."""
    for room in ("orchestrators", "activities"):
        (folder / room).mkdir()
        (folder / room / "__init__.py").touch()
    expected = ""
    for path, encoding, text in PART.findall(case.read_text(encoding="utf-8")):
        if path == "message":
            expected = text
            continue
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        content = text.replace("<null>", "\0") if encoding == "null" else text
        (folder / path).write_bytes(content.encode("utf-8" if encoding in ("", "null") else encoding))
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = ['.', {str(ROOT)!r}]\n{SAY}"],
        cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False,
        env={"PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    return (done.stdout + done.stderr).replace(f"{folder}/", ""), expected


@pytest.mark.parametrize("case", CASES, ids=[f"{case.parent.name}-{case.stem}" for case in CASES])
def test_the_message_says_what_to_change_and_where(case, tmp_path):
    """To the letter, since a person reads it."""
    text, expected = said(tmp_path, case)

    assert text == expected


@pytest.mark.parametrize("case", CASES, ids=[f"{case.parent.name}-{case.stem}" for case in CASES])
def test_the_message_names_file_and_line(case):
    """What a terminal makes a link of."""
    message = PART.findall(case.read_text(encoding="utf-8"))[-1][2]

    assert re.match(r"(orchestrators|activities)/\S+:\d+: \S", message)
    assert "Traceback" not in message


def test_there_are_enough_of_them():
    """One of each kind that was met."""
    assert len(CASES) >= 30


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("orchestrators/billing/mine.py", "{top}{flow}", "FOUND ['mine'] []"),
        ("orchestrators/billing/deep/mine.py", "{top}{flow}", "FOUND ['mine'] []"),
        ("orchestrators/scripts/once.py", "1 / 0\n", "FOUND [] []"),
        ("orchestrators/my-data/once.py", "1 / 0\n", "FOUND [] []"),
        ("orchestrators/my-flow.py", "{top}{flow}", "FOUND ['mine'] []"),
        (
            "orchestrators/mine.py",
            ("from __future__ import annotations\nfrom typing import TYPE_CHECKING\nfrom raincheck "
            "import flow, step\n"
            "if TYPE_CHECKING:\n    from raincheck import Run, Work\n{flow}"
            "@step\nasync def look(value: int, w: Work) -> int:\n    return 1\n"),
            "FOUND ['mine'] ['look']",
        ),
        (
            "orchestrators/mine.py",
            "{top}@step\nasync def look(value: int, work) -> int:\n    return 1\n{flow}",
            "FOUND ['mine'] ['look']",
        ),
        (
            "orchestrators/mine.py",
            "{top}@step\nasync def look(value: int, w: Work | None = None) -> int:\n    return 1\n{flow}",
            "FOUND ['mine'] ['look']",
        ),
        (
            "orchestrators/mine.py",
            ("{top}def make(name):\n    @step(name=name)\n    async def made(value: int) -> int:\n     "
            "   return 1\n"
            "    return made\n\nlook = make('look')\n{flow}"),
            "FOUND ['mine'] ['look']",
        ),
        (
            "orchestrators/mine.py",
            "{top}async def one(value: int) -> int:\n    return 1\n\nmine = flow(name='mine')(step(one))\n",
            "FOUND ['mine'] ['one']",
        ),
    ],
)  # fmt: skip
def test_what_is_right_is_taken(path, text, found, tmp_path):
    """A folder of flows without `__init__.py`, imports for type checkers only, factories of steps."""
    top = "from raincheck import Run, Work, flow, step\n"
    flow = "@flow\nasync def mine(run: Run, value: int) -> int:\n    return value\n"
    case = tmp_path / "case.txt"
    case.write_text(f"== {path}\n{text.format(top=top, flow=flow)}== message\n", encoding="utf-8")
    folder = tmp_path / "app"
    folder.mkdir()

    assert said(folder, case)[0].strip() == found
