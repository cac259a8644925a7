"""How the project is cut: its rooms, its size, and that it stands alone."""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

PROJECT = Path(__file__).parents[2]
FILES = [file for room in ("src", "tests", "benchmarks") for file in (PROJECT / room).rglob("*.py")]


def test_import_contracts_hold() -> None:
    """No circles, and the engine's rooms lie one over the other: pyproject.toml says which."""
    linter = Path(sys.executable).with_name("lint-imports")  # as a process: it sets up logging as it likes
    done = subprocess.run([linter, "--no-cache"], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_it_stands_alone() -> None:
    """It runs any app, so it knows none; tests that borrowed from a neighbour would not run without it."""
    foreign = re.compile(r"^\s*(?:from|import) (?:raincheck|tests)(?:\.|\s|$)", re.MULTILINE)
    assert [file.name for file in FILES if foreign.search(file.read_text())] == []


def test_no_room_is_too_full_and_no_file_too_long() -> None:
    """A room is read by its list of files, a file in one go."""
    rooms = Counter(file.parent for file in FILES)
    assert {room.name: count for room, count in rooms.items() if count > 25} == {}
    assert [file.name for file in FILES if len(file.read_text().splitlines()) > 300] == []
