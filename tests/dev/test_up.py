"""`make up`: what it starts it ends, and a second start goes on."""

import os
import signal
import socket
import stat
import subprocess
import sys

import httpx
import pytest

from raincheck.dev.ports import free_port
from tests.dev.upped import ROOT, Up, listens, until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_all_of_it(state, number):
    """Ctrl-C leaves nothing behind that listens, and the code says which signal it was."""
    with Up(state, free_port()) as up:
        assert up.end(number) == 128 + number
    assert not up.azurite_listens()


def test_a_killed_host_ends_the_command_with_its_code(state):
    """A script that waits for `make up` learns that the host died; Azurite was ended in good order."""
    with Up(state, free_port()) as up:
        assert up.kill_host() == 128 + signal.SIGKILL
    assert not up.azurite_listens()


def test_a_second_start_goes_on(state):
    """Runs, their tokens and the keys that signed them are there again, though the host was killed."""
    with Up(state, free_port()) as up:
        token_url = up.order()["status_url"].removeprefix(up.url)
        up.kill_host()
    with Up(state, free_port()) as up:
        patient = {"Prefer": "wait=30"}  # where the host died in the middle, it goes on with the run
        run = httpx.get(up.url + token_url, headers=patient, timeout=60).json()
        assert run["result"]["placed"] is True, run


def test_only_the_owner_can_read_the_keys(state):
    """Whoever has them can make tokens for every run."""
    with Up(state, free_port()):
        assert stat.S_IMODE((state / "signing_keys").stat().st_mode) == 0o600


def test_nothing_outlives_a_killed_command(state):
    """SIGKILL of `make up` itself leaves no host that holds the port."""
    port = free_port()
    with Up(state, port) as up:
        up.end(signal.SIGKILL)
        until(lambda: not up.azurite_listens() and not listens(port), 30)


def test_a_taken_port_is_said(state):
    """No traceback of a server, and no Azurite started for nothing."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        up = Up(state, port)
        assert up.process.wait(30) == 1
    assert f"Port {port} is taken" in up.output


def test_core_tools_that_are_not_there_are_said(tmp_path):
    """HOST=func tells how to install them, and what runs without."""
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "raincheck",
            "dev",
            "--host",
            "func",
            "--state",
            str(tmp_path),
            "--port",
            str(free_port()),
        ],
        cwd=ROOT,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ran.returncode == 1
    assert "npm install -g azure-functions-core-tools" in ran.stderr


def test_a_wrong_setting_ends_it_at_once(state):
    """It is told by name, and no edit could mend it: the environment is what it is."""
    command = [sys.executable, "-m", "raincheck", "dev", "--port", str(free_port()), "--state", str(state)]
    env = {**os.environ, "RAINCHECK_TOKEN_HOURS": "soon"}
    ended = subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 1
    assert "RAINCHECK_TOKEN_HOURS is not a number" in ended.stderr
