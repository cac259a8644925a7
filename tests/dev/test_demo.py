"""`make demo`: the first thing that a new user runs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def demo():
    """The demo, run once, with settings around it that must not matter."""
    env = {**os.environ, "RAINCHECK_PUBLIC_URL": "https://elsewhere.example", "RAINCHECK_WAIT_LIMIT": "0"}
    return subprocess.run(
        [sys.executable, "-m", "raincheck.dev.demo"],
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=110,
        check=False,
    )


def test_it_ends_well(demo):
    """It checks each way itself, so its code is the verdict."""
    assert demo.returncode == 0, demo.stdout


@pytest.mark.parametrize(
    "line",
    [
        "202",
        "continuation token",
        "200 Succeeded",
        "cut off after 20 of 40 pieces",
        "no word lost, none doubled",
        "run.succeeded",
        "signature verified",
        "curl -N http://localhost:7071/api/runs/TOKEN/events",
    ],
)
def test_it_shows(demo, line):
    """Each part of what it promises is there to be seen."""
    assert line in demo.stdout


def test_without_a_terminal_it_writes_plain_lines(demo):
    """Logs of CI stay readable: no colours, no moving lines."""
    assert "\x1b" not in demo.stdout
    assert "\r" not in demo.stdout
