"""What a developer's machine lacks is said in one line, with what to do."""

import os
import shutil
import subprocess
import sys

import pytest

from raincheck.dev.ports import free_port
from tests.dev.upped import ROOT

TOOLS = ("node", "azurite")


@pytest.fixture
def app(tmp_path):
    """An app without tools of its own."""
    folder = tmp_path / "app"
    folder.mkdir()
    shutil.copy(ROOT / "function_app.py", folder)
    shutil.copy(ROOT / "host.json", folder)
    return folder


def node_that_says(folder, version):
    """Put a Node.js of this version into the folder."""
    folder.mkdir()
    program = folder / "node"
    program.write_text(f"#!{shutil.which('sh')}\necho {version}\n")
    program.chmod(0o755)
    return folder


def complaint(app, *, path="", python=(sys.executable,)):
    """Try to run the app; give what is said, which is one line."""
    command = [*python, "-m", "raincheck", "dev", "--port", str(free_port()), "--app", str(app)]
    env = {"PATH": str(path), "PYTHONPATH": str(ROOT), "HOME": os.environ["HOME"]}
    ended = subprocess.run(
        command, cwd=app.parent, env=env, capture_output=True, text=True, timeout=30, check=False
    )
    assert ended.returncode == 1, ended
    assert ended.stderr.startswith("raincheck dev: ")
    assert ended.stderr.count("\n") == 1
    return ended.stderr


def test_no_app(tmp_path):
    """Somebody is in the wrong folder, or has none yet."""
    said = complaint(tmp_path)
    assert "no function_app.py" in said
    assert "raincheck new DIR" in said


def test_no_node(app, tmp_path):
    """Azurite runs on it."""
    assert "Node.js isn't there: install 20 or newer" in complaint(app, path=tmp_path)


def test_an_old_node(app, tmp_path):
    """Azurite would end with a syntax error of its own."""
    said = complaint(app, path=node_that_says(tmp_path / "bin", "v18.20.4"))
    assert "Node.js 20 or newer is needed" in said
    assert "v18.20.4" in said


def test_no_azurite(app, tmp_path):
    """It is the app's own, or one on the PATH."""
    assert "npm install -g azurite" in complaint(app, path=node_that_says(tmp_path / "bin", "v20.1.0"))


def test_a_broken_environment(app):
    """Its Python was uninstalled, say by an upgrade of the system."""
    (app / ".venv" / "bin").mkdir(parents=True)
    (app / ".venv" / "bin" / "python").symlink_to(app / "gone")
    said = complaint(app)
    assert ".venv is broken" in said
    assert "make clean install" in said


@pytest.mark.parametrize(
    ("hidden", "words"),
    [("azure", "raincheck[functions]"), ("raincheck_devhost", "no package of a like name is it")],
)
def test_a_missing_extra(app, hidden, words):
    """The bare package can't run an app, and nobody is sent to a package of somebody else."""
    hide = f"""
import importlib.util, runpy, sys
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name.split(".")[0] == {hidden!r} else find(name, *rest)
sys.argv = sys.argv[2:]
runpy.run_module("raincheck", run_name="__main__", alter_sys=True)
"""
    assert words in complaint(app, python=(sys.executable, "-c", hide))
