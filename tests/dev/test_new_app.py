"""A new app runs and is green as it comes, and stays so as flows come, change and go."""

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from raincheck.dev.new import main
from raincheck.dev.ports import free_port
from tests.dev.upped import ROOT, Up

GATE = re.search(
    r"^check:.*\n((?:\t.*\n)+)", (ROOT / "raincheck/dev/templates/Makefile").read_text(), re.MULTILINE
)[1]
CODE = "function_app.py orchestrators activities tests/app"
FAREWELL = '''"""Says goodbye: a flow and its step in one file."""

from raincheck import Run, flow, step


@step
async def look_up(name: str) -> str:
    """Return the full name."""
    return name.title()  # any I/O goes into steps


@flow
async def farewell(run: Run, name: str) -> str:
    """Say goodbye to somebody."""
    return f"Goodbye, {await run.step(look_up, name)}!"
'''
TEST = '''"""The farewell."""

from raincheck.testing import play

from orchestrators.farewell import farewell


def test_says_goodbye() -> None:
    """By name."""
    assert play(farewell, "ada").result == "Goodbye, Ada!"
'''


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """A new app, outside the repository."""
    folder = tmp_path_factory.mktemp("new") / "app"
    assert main([str(folder)]) == 0
    (folder / "node_modules").symlink_to(ROOT / "node_modules")  # what npm would install
    return folder


def check(app):
    """Run the app's own gate, as its Makefile has it, with the tools that are installed here."""
    here = str(Path(sys.executable).parent)
    for line in GATE.splitlines():
        command = line.strip().removeprefix("@").replace("$(BIN)", here).replace("$(CODE)", CODE)
        ended = run(app, *command.split())
        assert ended.returncode == 0, f"{command}\n{ended.stdout}"


def run(app, *command):
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "RAINCHECK"))}
    return subprocess.run(
        command,
        cwd=app,
        env=env,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=110,
        check=False,
    )


def record(app, *arguments):
    ended = run(app, sys.executable, "-m", "raincheck", "record", *arguments)
    assert ended.returncode == 0, ended.stdout


def test_it_answers(app, tmp_path):
    """`make up`, as its README has it."""
    port = free_port()
    with Up(tmp_path / "state", port, app=app):
        answer = httpx.post(
            f"http://localhost:{port}/api/flows/greet/runs",
            json={"input": "ada lovelace"},
            headers={"Prefer": "wait=60"},
            timeout=70,
        )
    assert answer.json()["result"] == "Hello, Ada Lovelace!"


def test_its_gate_is_green_with_every_flow_that_comes_changes_and_goes(app):
    """Each touches the app's own folders only."""
    check(app)
    (app / "orchestrators" / "farewell.py").write_text(FAREWELL.replace("look_up", "find_name"))
    (app / "tests" / "app" / "test_farewell.py").write_text(TEST)
    record(app, "farewell", "--input", '"ada"')
    check(app)
    for file in (app / "orchestrators" / "farewell.py", app / "tests" / "app" / "test_farewell.py"):
        file.write_text(file.read_text().replace("Goodbye, ", "Farewell, "))
    record(app)
    check(app)
    (app / "orchestrators" / "farewell.py").unlink()
    (app / "tests" / "app" / "test_farewell.py").unlink()
    record(app)
    check(app)
