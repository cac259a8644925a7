"""The linters hold what DESIGN says: imports go one way, and what is replayed is pure."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.rules.repository import ROOT

BANNED = """\
import asyncio
import time
import random
import secrets
import uuid
import os
import pathlib
import socket
import subprocess
import threading
import httpx
import io
from datetime import datetime
import logging
from azure.storage.blob import BlobClient

a = datetime.now()
b = datetime.utcnow()
c = datetime.today()
d = logging.getLogger(__name__)
e = open("file")
print("text")
"""
ALLOWED = {"from datetime import datetime", "import logging", ""}
FOLDERS = ["raincheck/driver", "raincheck/durable"]


def test_import_contracts_hold():
    """The folders are the dependency diagram."""
    linter = Path(sys.executable).with_name("lint-imports")  # as a process: it sets up logging as it likes
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


def findings(folder: str, text: str) -> dict[int, set[str]]:
    """Let ruff look at a made-up file of this folder."""
    ruff = Path(sys.executable).with_name("ruff")
    command = [
        ruff,
        "check",
        "--no-cache",
        "--output-format=json",
        f"--stdin-filename={folder}/made_up.py",
        "-",
    ]
    out = subprocess.run(command, input=text, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    found: dict[int, set[str]] = {}
    for each in json.loads(out):
        found.setdefault(each["location"]["row"], set()).add(each["code"])
    return found


@pytest.mark.parametrize("folder", FOLDERS)
def test_clocks_randomness_and_io_are_banned_where_code_is_replayed(folder):
    """Each of these lines is an error there."""
    found = findings(folder, BANNED)
    bans = {"TID251", "T201", "DTZ005", "DTZ003", "DTZ002", "PTH123"}
    missed = [
        line
        for number, line in enumerate(BANNED.splitlines(), 1)
        if line not in ALLOWED and not found.get(number, set()) & bans
    ]

    assert missed == []


def test_the_same_is_allowed_in_activities():
    """The ban is on replayed code, not on I/O."""
    found = findings("activities", "import time\nimport os\nimport uuid\n")

    assert not any("TID251" in codes for codes in found.values())
