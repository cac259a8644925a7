"""A type checker knows what each `await` gives, and that a wrong input is wrong: mypy does, and pyright."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from mypy import api

CHECKED = Path(__file__).with_name("typed_flows.py")
ROOT = Path(__file__).parents[2]
ERROR = re.compile(r"typed_flows\.py:(\d+): error: (.*)")


def by_mypy() -> dict[int, str]:
    """Check the file strictly, as the repository's own settings have it."""
    out, err, _ = api.run(["--config-file", str(ROOT / "pyproject.toml"), "--no-error-summary", str(CHECKED)])
    assert not err
    return {int(line): text for line, text in ERROR.findall(out)}


def by_pyright() -> dict[int, str]:
    """Check the file strictly, as its first line has it. Its package brings pyright along, but for Node."""
    assert shutil.which("node"), "pyright needs Node.js, as Azurite does: install 20 or newer"
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, CHECKED]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=100)
    report = json.loads(done.stdout)
    assert report["summary"]["filesAnalyzed"] == 1
    return {one["range"]["start"]["line"] + 1: one["message"] for one in report["generalDiagnostics"]}


@pytest.fixture(scope="module", params=[by_mypy, by_pyright], ids=["mypy", "pyright"])
def errors(request) -> dict[int, str]:
    """Check the file once with each."""
    check: Callable[[], dict[int, str]] = request.param
    return check()


def marked() -> set[int]:
    lines = CHECKED.read_text(encoding="utf-8").splitlines()
    return {number for number, line in enumerate(lines, 1) if line.endswith("# error")}


def test_every_await_is_known(errors):
    """An editor completes and checks what a flow does with its results."""
    assert {line: text for line, text in errors.items() if line not in marked()} == {}


def test_wrong_inputs_are_errors(errors):
    """A step that gets another model than it takes is found before anything runs."""
    assert marked() <= set(errors)
