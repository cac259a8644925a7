"""The bridge between the worker's request and an app: whole answers, live streams, no work for nobody."""

import asyncio

import pytest
from starlette.requests import Request
from starlette.responses import StreamingResponse

from raincheck.functions import bridge
from raincheck.functions.bridge import app_path, handler

SCOPE = {
    "type": "http",
    "method": "GET",
    "path": "/api/runs/x",
    "headers": [(b"host", b"h")],
    "query_string": b"a=1",
    "app": "the worker's own",
    "path_params": {"path": "x"},
    "root_path": "/worker",
}


def request(method="GET", receive=None):
    async def nothing():
        return {"type": "http.request", "body": b"", "more_body": False}

    return Request({**SCOPE, "method": method}, receive or nothing)


def answering(status, headers, *pieces):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": status, "headers": headers})
        for piece in pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    return app


async def bridged(app, method="GET", **extras):
    return await handler(lambda: app, prefix="/api", extras=lambda _: extras)(request(method), None)


async def test_an_answer_of_known_length_is_given_whole():
    """With its headers as they were, repeated ones too."""
    headers = [(b"content-length", b"4"), (b"x-a", b"1"), (b"x-a", b"2")]
    response = await bridged(answering(202, headers, b"ab", b"cd"))
    assert (response.status_code, response.body, response.raw_headers) == (202, b"abcd", headers)


async def test_a_stream_is_passed_on_piece_by_piece():
    """The first piece arrives while the app still works on the second."""
    go_on = asyncio.Event()

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"one", "more_body": True})
        await go_on.wait()
        await send({"type": "http.response.body", "body": b"two"})

    response = await bridged(app)
    assert isinstance(response, StreamingResponse)
    pieces = aiter(response.body_iterator)
    assert await anext(pieces) == b"one"
    go_on.set()
    assert [piece async for piece in pieces] == [b"two"]


async def test_a_slow_caller_holds_the_app_back():
    """A long log must not pile up in memory."""
    sent = 0

    async def app(scope, receive, send):
        nonlocal sent
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(1000):
            await send({"type": "http.response.body", "body": b"x" * 64 * 1024, "more_body": True})
            sent += 1

    response = await bridged(app)
    pieces = aiter(response.body_iterator)
    await anext(pieces)
    for _ in range(50):
        await asyncio.sleep(0)
    assert sent < 20
    await pieces.aclose()


@pytest.mark.parametrize("headers", [[], [(b"content-length", b"1000000")]], ids=["stream", "whole"])
async def test_a_caller_that_does_not_read_is_let_go(headers, monkeypatch):
    """What waits for it is dropped, the app's work for it ends, and the answer doesn't look whole."""
    monkeypatch.setattr(bridge, "STALLED", 0.05)
    ended, taken = asyncio.Event(), []

    async def app(scope, receive, send):
        try:
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            for _ in range(100):
                await send({"type": "http.response.body", "body": b"x" * 10_000, "more_body": True})
        finally:
            ended.set()

    async def send(message):
        taken.append(message)
        if len(taken) == 3:
            await asyncio.Event().wait()

    response = await bridged(app)
    await asyncio.wait_for(response(SCOPE, asyncio.Event().wait, send), 5)
    await asyncio.wait_for(ended.wait(), 1)
    assert all(message.get("more_body", True) for message in taken)
    assert sum(len(message.get("body", b"")) for message in taken) <= 2 * bridge.PIECE


async def test_a_large_answer_is_handed_over_in_pieces():
    """The worker's server takes all that it gets, whether its caller reads or not."""
    content = bytes(range(256)) * 1000
    response = await bridged(answering(200, [(b"content-length", b"256000")], content))
    pieces = [piece async for piece in response.body_iterator]
    assert b"".join(pieces) == content
    assert max(len(piece) for piece in pieces) <= bridge.PIECE
    assert response.raw_headers == [(b"content-length", b"256000")]


async def test_a_caller_that_goes_away_ends_the_apps_work():
    """Nobody reads on."""
    ended = asyncio.Event()

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x", "more_body": True})
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    response = await bridged(app)
    pieces = aiter(response.body_iterator)
    await anext(pieces)
    await pieces.aclose()
    await asyncio.wait_for(ended.wait(), 1)


async def test_an_invocation_that_is_cut_ends_the_apps_work():
    """The worker cancels it when the host says so."""
    began, ended = asyncio.Event(), asyncio.Event()

    async def app(scope, receive, send):
        try:
            began.set()
            await asyncio.Event().wait()
        finally:
            ended.set()

    task = asyncio.create_task(bridged(app))
    await began.wait()
    task.cancel()
    await asyncio.wait_for(ended.wait(), 1)


async def test_an_error_before_the_answer_is_the_functions_own():
    """The host makes a 500 of it."""

    async def app(scope, receive, send):
        raise ValueError("early")

    with pytest.raises(ValueError, match="early"):
        await bridged(app)


async def test_an_app_without_an_answer_is_an_error():
    """And no request that hangs."""

    async def app(scope, receive, send):
        return

    with pytest.raises(RuntimeError, match="no answer"):
        await bridged(app)


async def test_an_error_in_a_stream_breaks_it():
    """A stream that just stopped would look whole."""

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x", "more_body": True})
        raise ValueError("late")

    response = await bridged(app)
    with pytest.raises(ValueError, match="late"):
        [piece async for piece in response.body_iterator]


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304)])
async def test_answers_without_a_body_are_not_streamed(method, status):
    """There is nothing to stream."""
    assert not isinstance(await bridged(answering(status, []), method), StreamingResponse)


async def test_the_app_sees_its_own_path_and_what_is_given_to_it():
    """The prefix is the host's; what another framework left in the scope isn't for the app."""
    seen = {}

    async def app(scope, receive, send):
        seen.update(scope)
        await answering(204, [])(scope, receive, send)

    await bridged(app, durable="client")
    assert (seen["path"], seen["root_path"], seen["query_string"]) == ("/runs/x", "", b"a=1")
    assert seen["durable"] == "client"
    assert not {"app", "path_params"} & seen.keys()


async def test_the_app_reads_the_body_and_sees_the_caller_leave():
    """`receive` is the worker's own."""
    messages = iter([{"type": "http.request", "body": b"hi"}, {"type": "http.disconnect"}])

    async def receive():
        return next(messages)

    async def app(scope, receive, send):
        got = [await receive(), await receive()]
        assert [message["type"] for message in got] == ["http.request", "http.disconnect"]
        await answering(200, [(b"content-length", b"2")], got[0]["body"])(scope, receive, send)

    assert (
        await handler(lambda: app, prefix="/api", extras=lambda _: {})(request(receive=receive), None)
    ).body == b"hi"


@pytest.mark.parametrize(
    ("path", "prefix", "expected"),
    [
        ("/api/flows", "/api", "/flows"),
        ("/API/flows", "/api", "/flows"),
        ("/api//flows", "/api", "//flows"),
        ("/apiflows", "/api", "/apiflows"),
        ("/api", "/api", "/api"),
        ("/flows", "/api", "/flows"),
        ("/flows", "", "/flows"),
        ("/a/b/flows", "/a/b", "/flows"),
    ],
)
def test_the_prefix_is_taken_off_once_and_whole(path, prefix, expected):
    """What doesn't begin with it is none of the app's, and finds no route there."""
    assert app_path(path, prefix) == expected
