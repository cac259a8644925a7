import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from e2e.host import APPS, Host, eventually


@pytest.fixture(scope="module")
def fa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """Start a host of the http-fastapi app."""
    folder = tmp_path_factory.mktemp("fa")
    with Host(APPS / "fa", folder / "state", "--no-watch", "--workers", "0") as host:
        yield host


def test_chunks_arrive_one_by_one(fa: Host, notes: Path) -> None:
    """A server-sent event reaches the client when it is yielded, not when the stream ends."""
    with fa.client.stream("GET", fa.url + "/api/stream?n=3", headers={"x-notes": str(notes)}) as answer:
        times = [time.monotonic() for _chunk in answer.iter_raw()]
    assert len(times) == 3
    assert times[2] - times[0] > 0.5


def test_a_client_that_leaves_cancels_the_stream(fa: Host, notes: Path) -> None:
    """The generator hears at once that nobody listens any more."""
    url = fa.url + "/api/stream?n=100"
    with httpx.stream("GET", url, headers={"x-notes": str(notes)}) as answer:
        next(answer.iter_raw())
    eventually(lambda: notes.read_text() == "CancelledError\n", 5)


def test_a_client_that_leaves_early_shows_in_is_disconnected(fa: Host, notes: Path) -> None:
    """Before the handler has returned nothing is cancelled, but it can ask."""
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(fa.url + "/api/slow", headers={"x-notes": str(notes)}, timeout=0.5)
    eventually(lambda: notes.read_text() == "disconnected\n", 5)


def test_an_error_in_mid_stream_breaks_the_connection(fa: Host) -> None:
    """A stream that failed must not look complete."""
    with fa.client.stream("GET", fa.url + "/api/streamboom") as answer:
        chunks = answer.iter_raw()
        assert (answer.status_code, next(chunks)) == (200, b"one\n")
        with pytest.raises(httpx.RemoteProtocolError):
            next(chunks)


def test_large_bodies_pass_both_ways(fa: Host) -> None:
    """30 MB in and out arrive whole."""
    size = 30_000_000
    assert fa.post("/api/upload", content=b"y" * size).text == str(size)
    assert len(fa.get(f"/api/big?n={size}").content) == size


def test_a_body_over_the_limit_is_413(fa: Host) -> None:
    """The host takes 100 MB; more is refused before it is read."""
    address = fa.url.removeprefix("http://").split(":")
    with socket.create_connection((address[0], int(address[1])), timeout=10) as connection:
        connection.sendall(b"POST /api/upload HTTP/1.1\r\nHost: x\r\nContent-Length: 104857601\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_query_values_and_long_path_parts_stay_out_of_the_log(fa: Host) -> None:
    """Keys in query strings and tokens in paths are secrets."""
    fa.get(f"/api/asgi/{'t' * 60}?code=s3cret")
    fa.says("/api/asgi/tttttttt…?code=…")
    assert "s3cret" not in fa.output


def test_an_error_is_logged_with_function_invocation_and_line(fa: Host) -> None:
    """Who looks for the cause finds it in one place."""
    assert fa.get("/api/boom").status_code == 500
    fa.says("failed: ValueError: böom")
    at = fa.output.index("failed: ValueError: böom")
    line = fa.output[fa.output.rindex("\n", 0, at) : fa.output.index("böom", at + 30)]
    assert "[boom " in line
    assert 'function_app.py", line ' in line
    assert "devhost/worker" not in line
