"""A broken app, served as the genuine host does it (devhost --broken-app empty) and as the laptop's does."""

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
APP = "from raincheck.functions import function_app\n\napp = function_app(__file__)\n"
BROKEN = """\
from raincheck import Run, flow


@flow
async def mine(value: int, run: Run) -> int:
    return value
"""
RAISING = "raise RuntimeError('as apps do that know nothing of it')\n"
WRONG = "the flow 'mine' takes its parameters in the wrong order"


@pytest.fixture
def serve(tmp_path):
    """Serve an app of one flow; return its address and what the host has said, once it is ready."""
    hosts = []

    def serve(function_app, *options):
        for room in ("orchestrators", "activities"):
            (tmp_path / room).mkdir()
            (tmp_path / room / "__init__.py").touch()
        (tmp_path / "orchestrators" / "mine.py").write_text(BROKEN)
        (tmp_path / "function_app.py").write_text(function_app)
        (tmp_path / "host.json").write_text('{"version": "2.0"}')
        paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        env = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(paths),
            "RAINCHECK_DEVELOPMENT": "true",
            "RAINCHECK_SIGNING_KEYS": "k" * 40,
            "AzureWebJobsStorage": "UseDevelopmentStorage=true",
            "PYTHON_ENABLE_INIT_INDEXING": "1",
        }
        command = [sys.executable, "-m", "raincheck_devhost", "--app", tmp_path, "--port", "0", "--no-watch"]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        host = subprocess.Popen([*command, *options], cwd=tmp_path, env=env, **pipes)
        hosts.append(host)
        said = ""
        for line in host.stdout:
            said += line
            if ready := re.match(r"Ready on (\S+)", line):
                return ready[1].replace("localhost", "127.0.0.1"), said
        return None, said

    yield serve
    for host in hosts:
        host.terminate()
        host.wait(20)
        host.stdout.close()


def test_an_app_that_raises_has_no_function_and_no_word(serve):
    """What the genuine host does: 404 everywhere."""
    address, said = serve(RAISING, "--broken-app", "empty")

    assert httpx.get(f"{address}/api/health", trust_env=False).status_code == 404
    assert "as apps do" not in said


def test_ours_answers_and_says_why(serve):
    """503 on every route of ours, without a key; the cause is in the log."""
    address, said = serve(APP, "--broken-app", "empty")
    asked = [
        ("GET", "health"),
        ("POST", "flows/mine/runs"),
        ("GET", "runs/token"),
        ("GET", "openapi.json"),
        ("GET", ""),
    ]
    for method, path in asked:
        answer = httpx.request(method, f"{address}/api/{path}", trust_env=False)
        assert answer.status_code == 503, path
        assert answer.json()["code"] == "app_broken"
        assert "mine" not in answer.text

    assert f"orchestrators/mine.py:4: {WRONG}" in said
    assert "    async def mine(value: int, run: Run) -> int:" in said


def test_the_laptops_host_shows_the_cause(serve):
    """The author's file and line, and none of our frames."""
    address, said = serve(APP)

    assert address is None
    assert f"orchestrators/mine.py:4: DefinitionError: {WRONG}" in said
    assert said.count("orchestrators/mine.py:4") == 1
    assert "registry" not in said
