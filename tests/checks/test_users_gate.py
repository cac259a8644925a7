"""`make check`: an app with its flows, steps and tests is held to the settings in its own three folders."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ["function_app.py", "orchestrators", "activities", "tests/app"]
SETTINGS = [
    "activities/ruff.toml",
    "orchestrators/ruff.toml",
    "tests/app/ruff.toml",
    "tests/app/mypy.ini",
    "tests/app/pytest.ini",
]
RUFF, FORMAT, MYPY, PYTEST = GATE = (
    ["ruff", "check", "--config", "activities/ruff.toml", "function_app.py"],
    ["ruff", "format", "--check", *ROOMS],
    ["mypy", "--config-file", "tests/app/mypy.ini", *ROOMS],
    ["pytest", "-q", "tests/app"],
)
BLOCKS = re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
GREET = next(block for block in BLOCKS if "async def greet" in block)
GREET_TEST = """\
from raincheck.testing import play

from orchestrators.greet import greet


def test_greets():
    assert play(greet, "ada").result == "Hello, Ada!"
"""
OLD = """\
from raincheck import Run, flow


@flow
async def wait(run: Run, seconds: int) -> str:
    await run.sleep(seconds)
    return "waited"
"""
BANNED = """\
import asyncio
import time
import random
import secrets
import os
import pathlib
import socket
import subprocess
import threading
import httpx
import io
import urllib.request
from uuid import uuid4
from azure.storage.blob import BlobClient
a = datetime.now()
b = datetime.utcnow()
c = datetime.today()
d = logging.getLogger(__name__)
with open("file") as e: pass
print("text")
f = uuid.uuid4()
"""
IMPORTS = "from datetime import datetime\nimport logging\nimport uuid\n"


def run(folder, *command):
    """Run a tool of the gate in an app's folder; return its output, empty where it is content."""
    tool, *arguments = command
    env = {**os.environ, "PYTHONPATH": str(ROOT), "MYPYPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [Path(sys.executable).with_name(tool), *arguments],
        cwd=folder, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return "" if done.returncode == 0 else f"{done.stdout}{done.stderr}" or "failed"


def check(folder):
    """Run all of the gate."""
    rooms = run(folder, "ruff", "check", *ROOMS[1:])
    return rooms + "".join(run(folder, *command) for command in GATE)


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """An app of one's own, without flows; mypy's cache is made once."""
    folder = tmp_path_factory.mktemp("app")
    for room in ROOMS[1:]:
        (folder / room).mkdir(parents=True)
    for name in [*SETTINGS, "function_app.py", "tests/app/test_recorded.py"]:
        shutil.copy(ROOT / name, folder / name)
    for room in ("orchestrators", "activities"):
        (folder / room / "__init__.py").touch()
    return folder


def test_flows_come_change_and_go(app):
    """The gate is green each time, and no file but theirs is touched."""
    assert check(app) == "", "without flows"

    greet, test = app / "orchestrators" / "greet.py", app / "tests" / "app" / "test_greet.py"
    greet.write_text(GREET)
    test.write_text(GREET_TEST)
    assert check(app) == "", "README's flow, as it stands there"

    (app / "activities" / "names.py").write_text(GREET.partition("\n\n@flow")[0].replace("Run, flow, ", ""))
    greet.write_text(
        "from raincheck import Run, flow\n\nfrom activities.names import look_up\n\n\n@flow"
        + GREET.partition("@flow")[2]
    )
    (app / "orchestrators" / "wait.py").write_text(OLD)
    assert check(app) == "", "its step moved, another flow came"

    greet.unlink()
    test.unlink()
    (app / "activities" / "names.py").unlink()
    assert check(app) == "", "it went"


def findings(room, text):
    """Let ruff look at a made-up file; return the texts by line."""
    command = [Path(sys.executable).with_name("ruff"), "check", "--no-cache", "--output-format=concise"]
    out = subprocess.run(
        [*command, f"--stdin-filename={room}/made_up.py", "-"],
        cwd=ROOT, input=text, capture_output=True, text=True, check=False,
    ).stdout  # fmt: skip
    texts: dict[int, str] = {}
    for line in out.splitlines():
        if (each := re.match(r"[^:]+:(\d+):\d+: (.*)", line)) and each[2].split()[0] not in ("F401", "I001"):
            texts[int(each[1])] = f"{texts.get(int(each[1]), '')} {each[2]}"
    return texts


@pytest.mark.parametrize("line", BANNED.splitlines())
def test_what_a_replay_would_not_repeat_is_refused_in_flows(line):
    """A clock, randomness, the environment, I/O: the text says where it belongs."""
    text = findings("orchestrators", f"{IMPORTS}{line}\n")[4]

    assert re.search(r"step \(activities/\)|run\.(now|uuid|log)|T201|PTH123", text)


@pytest.mark.parametrize("line", ["import httpx", "import os", "from uuid import uuid4", "print('text')"])
def test_steps_may_do_as_they_like(line):
    """The ban is on what is replayed."""
    assert findings("activities", f"{line}\n") == {}


@pytest.mark.parametrize(
    "line", ["def f(a, b): return a", "class Thing: x = 5", "x = 1  # TODO", "y = 'it''s'"]
)
@pytest.mark.parametrize("room", ["orchestrators", "activities", "tests/app"])
def test_style_is_the_authors_own(room, line):
    """No docstrings, no annotations asked for by the linter, no opinion of ours."""
    assert {text for text in findings(room, f"{line}\n").values() if "E70" not in text} == set()
