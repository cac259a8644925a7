"""Requests that never reach their function: they strand as on the genuine host, and the log says why."""

import json
import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from e2e.host import Host, eventually, gone

_CODE = """
import os
import sys
import azure.functions as func
from azurefunctions.extensions.http.fastapi import JSONResponse, Request, Response

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route(route="any/{*path}")
async def any_path(req: Request) -> Response:
    worker = "azure_functions_worker" if sys.version_info < (3, 13) else "azure_functions_runtime"
    references = sys.modules[worker + ".http_v2"].http_coordinator._context_references
    return JSONResponse({"path": req.path_params.get("path"), "kept": len(references), "pid": os.getpid()})
"""
_HOST = {"version": "2.0", "functionTimeout": "00:00:03"}
_SECONDS = 3.0
# what strands, how its client fares until functionTimeout, and what the log says
_STRANDS = {
    "line feed": (b"GET /api/any/a%0Ab HTTP/1.1\r\n", b"", 404, "the web extension answered by itself"),
    "user agent": (b"GET /api/any/a HTTP/1.1\r\n", "User-Agent: Jürgen/1\r\n".encode(), 0, "(user-agent)"),
    "key": (b"GET /api/any/a HTTP/1.1\r\n", "Idempotency-Key: café\r\n".encode(), 0, "(idempotency-key)"),
    "own id": (b"GET /api/any/a HTTP/1.1\r\n", b"x-ms-invocation-id: mine\r\n", 0, "of its own"),
    "empty id": (b"GET /api/any/a HTTP/1.1\r\n", b"x-ms-invocation-id:\r\n", 0, "of its own"),
}


@pytest.fixture
def bare(devhost: Callable[..., Host], app_of: Callable[..., Path]) -> Host:
    """Start a host of an app that mends nothing."""
    host = devhost(app_of(_CODE, json.dumps(_HOST)), "--no-watch", "--workers", "0")
    started: Host = host.start()
    return started


def sent(host: Host, head: bytes, body: bytes = b"") -> socket.socket:
    """Send a request as it stands; the connection stays open."""
    name, _, port = host.url.removeprefix("http://").partition(":")
    connection = socket.create_connection((name, int(port)), timeout=30)
    connection.sendall(head + b"Host: app.example\r\nConnection: close\r\n\r\n" + body)
    return connection


def answer_of(connection: socket.socket) -> bytes:
    """Read to the end of the exchange; a connection that was reset has ended, too."""
    pieces = [b""]
    try:
        while piece := connection.recv(65536):
            pieces.append(piece)
    except ConnectionResetError:
        pass
    connection.close()
    return b"".join(pieces)


def outstanding(host: Host) -> int:
    """Return how many invocations have begun and not ended."""
    count: int = host.get("/admin/host/drain/status").json()["outstandingInvocations"]
    return count


def plain(host: Host) -> dict[str, Any]:
    """Return what a request in order gets, once a process that has just died is replaced."""
    answer = eventually(lambda: (it := host.get("/api/any/x")).status_code == 200 and it)
    document: dict[str, Any] = answer.json()
    return document


@pytest.mark.parametrize(("line", "header", "status", "why"), _STRANDS.values(), ids=_STRANDS.keys())
def test_a_stranded_request_costs_the_process(
    bare: Host, line: bytes, header: bytes, status: int, why: str
) -> None:
    """As recorded: the exchange stays open until functionTimeout, then the worker is replaced."""
    before = plain(bare)["pid"]
    connection = sent(bare, line + header)
    bare.says(f"stranded: {why}" if "answered" in why else why, 5)
    assert outstanding(bare) == 1
    assert plain(bare)["pid"] == before  # others are served meanwhile
    answer = answer_of(connection)
    assert answer.startswith(b"HTTP/1.1 %d " % (status or 500))
    assert (b'{"detail":"Not Found"}' in answer) is (status == 404)
    bare.says("exceeded functionTimeout")
    eventually(lambda: gone(before), 10)
    assert plain(bare)["pid"] != before
    assert outstanding(bare) == 0


def test_a_caller_that_hangs_up_at_once_strands(bare: Host) -> None:
    """No malice is needed: the function is invoked, and its request is forwarded no more."""
    before = plain(bare)["pid"]
    for _ in range(400):
        connection = sent(bare, b"GET /api/any/a HTTP/1.1\r\n")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # RST
        connection.close()
        if "hung up before" in bare.output:
            break
    bare.says("the caller hung up before its request was forwarded", 5)
    bare.says("exceeded functionTimeout")
    eventually(lambda: gone(before), 10)


def test_line_feeds_at_the_end_and_carriage_returns_pass(bare: Host) -> None:
    """As recorded: the extension's route lets these through."""
    assert plain(bare)["path"] == "x"
    for path in ("a%0A", "a%0Db"):
        assert bare.get(f"/api/any/{path}").status_code == 200
    assert outstanding(bare) == 0


def test_a_reference_is_kept_of_each_request(bare: Host) -> None:
    """As in Azure's worker: an app that lets them go can show it here."""
    first = plain(bare)["kept"]
    assert [plain(bare)["kept"] for _ in range(3)] == [first + 1, first + 2, first + 3]


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /api/any/a%00b HTTP/1.1\r\n", 400),
        (b"GET http://app.example/api/any/a HTTP/1.1\r\n", 400),
        (b"GET /api/any/a HTTP/1.1\r\nX-Note: caf\xe9\r\n", 400),
        (b"GET /api/any/\xc3\xa9 HTTP/1.1\r\n", 400),
        (b"GET /api/any/" + b"a" * 9000 + b" HTTP/1.1\r\n", 414),
        (b"GET /api/any/a HTTP/1.1\r\n" + b"X-N: 1\r\n" * 110, 431),
        (b"GET /api/any/a HTTP/1.1\r\nX-Note: " + b"a" * 40_000 + b"\r\n", 431),
        (b"POST /api/any/a HTTP/1.1\r\nContent-Length: 100\r\n", 500),
    ],
    ids=["%00", "absolute", "latin-1", "raw path", "long path", "headers", "large head", "no body"],
)
def test_what_the_genuine_host_refuses_is_refused(bare: Host, head: bytes, status: int) -> None:
    """At the door, with the recorded status and nothing in the answer."""
    answer = answer_of(sent(bare, head))
    assert re.match(rb"HTTP/1.1 %d " % status, answer), answer
    assert outstanding(bare) == 0


def test_a_caller_that_leaves_within_its_body_starts_nothing(bare: Host) -> None:
    """Half a body is none."""
    sent(bare, b"POST /api/any/a HTTP/1.1\r\nContent-Length: 100\r\n", b"half").close()
    bare.says("POST /api/any/a -> gone")
    assert outstanding(bare) == 0
