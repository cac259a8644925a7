"""`make audit` against stand-ins of its databases: what is known fails it, what nobody can tell doesn't."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from audit.reports import Broken, Hole, Unreachable, holes_of_npm, holes_of_pip
from tests.unit.rules.repository import ROOT

NOBODY = "http://127.0.0.1:9"
OSV_HOLE = {
    "id": "GHSA-1",
    "aliases": ["CVE-1"],
    "affected": [
        {
            "package": {"name": "idna", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.1"}]}],
        }
    ],
}
NPM_HOLE = {"id": 1, "url": "https://x/GHSA-2", "title": "It leaks", "severity": "low"} | {
    "vulnerable_versions": "<99.0.0"
}


class Database(BaseHTTPRequestHandler):
    """Answers as OSV does below /osv, and as an npm registry does elsewhere."""

    holes = False

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/osv":
            wanted = json.loads(body)["package"]["name"] == "idna"
            answer = {"vulns": [OSV_HOLE]} if self.holes and wanted else {}
        else:
            answer = {"azurite": [NPM_HOLE]} if self.holes else {}
        text = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        """Stay silent."""


@contextmanager
def database(*, holes: bool) -> Iterator[str]:
    handler = type("Handler", (Database,), {"holes": holes})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def audit(address: str) -> tuple[int, list[str]]:
    command = [sys.executable, "-m", "audit", f"--osv-url={address}/osv", f"--npm-registry={address}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


def test_a_known_hole_fails():
    """By name, with what mends it."""
    with database(holes=True) as address:
        code, lines = audit(address)
    assert code == 1
    assert lines[0] == "requirements-dev.txt: known holes, 1"
    assert re.fullmatch(r"  idna \S+: CVE-1 \(fixed in 99\.1\)", lines[1])
    assert lines[2:] == ["package-lock.json: known holes, 1", "  azurite <99.0.0: GHSA-2 (It leaks)"]


def test_no_known_hole_passes():
    """And says that it asked."""
    with database(holes=False) as address:
        assert audit(address) == (
            0,
            ["requirements-dev.txt: no known holes", "package-lock.json: no known holes"],
        )


def test_without_a_database_it_is_said_and_nothing_fails():
    """A check that fails without a network would be switched off."""
    code, lines = audit(NOBODY)
    assert code == 0
    assert [line.partition(" (")[0] for line in lines] == [
        "requirements-dev.txt: not checked, the database can't be reached",
        "package-lock.json: not checked, the database can't be reached",
    ]


def test_a_mirror_that_knows_nothing_is_no_answer():
    """Otherwise nothing asked would read like nothing known."""
    skipped = {"dependencies": [{"name": "idna", "skip_reason": "not found"}]}
    with pytest.raises(Unreachable):
        holes_of_pip(json.dumps(skipped), "")


def test_a_hole_without_a_mend_is_listed_too():
    """There may be another package."""
    package = {"name": "idna", "version": "3.20", "vulns": [{"id": "PYSEC-1", "fix_versions": []}]}
    assert holes_of_pip(json.dumps({"dependencies": [package]}), "") == [
        Hole("idna 3.20", "PYSEC-1", "not fixed yet")
    ]


@pytest.mark.parametrize(
    ("read", "out", "errors"),
    [
        (holes_of_pip, "", "ERROR: requirement idna does not contain a hash"),
        (holes_of_pip, "", ""),
        (holes_of_npm, "", "npm: not today"),
        (holes_of_npm, '{"error": {"code": "ENOLOCK", "summary": "no lock"}}', ""),
    ],
)
def test_a_lock_that_cannot_be_read_is_a_failure(read, out, errors):
    """It must not pass for a database that is away."""
    with pytest.raises(Broken):
        read(out, errors)
