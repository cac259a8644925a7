"""A type checker knows what each `await` gives, and that a wrong input is wrong."""

import re
from pathlib import Path

import pytest
from mypy import api

CHECKED = Path(__file__).with_name("typed_flows.py")
ROOT = Path(__file__).parents[2]
ERROR = re.compile(r"typed_flows\.py:(\d+): error: (.*)")


@pytest.fixture(scope="module")
def errors() -> dict[int, str]:
    """Check the file once, strictly, as the repository's own settings have it."""
    out, err, _ = api.run(["--config-file", str(ROOT / "pyproject.toml"), "--no-error-summary", str(CHECKED)])
    assert not err
    return {int(line): text for line, text in ERROR.findall(out)}


def marked() -> set[int]:
    lines = CHECKED.read_text(encoding="utf-8").splitlines()
    return {number for number, line in enumerate(lines, 1) if line.endswith("# error")}


def test_every_await_is_known(errors):
    """An editor completes and checks what a flow does with its results."""
    assert {line: text for line, text in errors.items() if line not in marked()} == {}


def test_wrong_inputs_are_errors(errors):
    """A step that gets another model than it takes is found before anything runs."""
    assert marked() <= set(errors)
