"""Bad input: each kind has its answer, at once, and nothing is written for it."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.web.fakes import World

JSON = {"Content-Type": "application/json"}


async def post(world, content, headers=JSON):
    return await world.keyed.post("/flows/greet/runs", content=content, headers=headers)


def problem(answer):
    """Check that the answer is a whole problem document, and give status and code."""
    document = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "detail", "code"} <= document.keys()
    assert document["status"] == answer.status_code
    return answer.status_code, document["code"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"{'input': 1}",
        b'{"input": NaN}',
        b'{"input": Infinity}',
        b'{"input": -Infinity}',
        b'{"input": 1e999}',
        b'{"input": "\xff"}',
        b"\xef\xbb\xbf{}",
        '{"input": "x"}'.encode("utf-16"),
        b'{"input": {"name": "\\ud800"}}',
        b'{"input": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"input": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}",
        b"[" * 100_000,
        b'{"input": ' + b"[" * 70 + b"]" * 70 + b"}",
        b'{"input": ' + b"9" * 10_000 + b"}",
        b"{} {}",
    ],
    ids=lambda content: content[:24].decode("latin-1"),
)
async def test_what_is_not_json_is_400_at_once(world, content):
    """Whatever the bytes, the answer comes within milliseconds and says what is wrong."""
    begin = time.perf_counter()
    assert problem(await post(world, content)) == (400, "invalid_json")
    assert time.perf_counter() - begin < 1
    assert not world.runs.rows


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ([], ""),
        ("text", ""),
        ({"input": {"name": "Ada"}, "colour": "red"}, "colour"),
        ({"input": {"name": "Ada", "colour": "red"}}, "input.colour"),
        ({"input": {"name": 7}}, "input.name"),
        ({"input": {"name": "Ada", "times": 11}}, "input.times"),
        ({"input": {"name": "Ada", "tags": ["a", 2]}}, "input.tags.1"),
        ({"input": {}}, "input.name"),
        ({}, "input"),
        ({"input": None}, "input"),
        ({"input": {"name": "Ada"}, "background": "true"}, "background"),
        ({"input": {"name": "Ada"}, "background": 1}, "background"),
        ({"input": {"name": "Ada"}, "conversation_id": ""}, "conversation_id"),
        ({"input": {"name": "Ada"}, "metadata": {"a": 1}}, "metadata.a"),
        ({"input": {"name": "Ada"}, "metadata": {str(n): "" for n in range(17)}}, "metadata"),
        ({"input": {"name": "Ada"}, "on_newer": "explode"}, "on_newer"),
        ({"input": {"name": "Ada"}, "channel": "pigeon"}, "channel"),
        ({"input": {"name": "Ada"}, "callback": {}}, "callback.url"),
        (
            {"input": {"name": "Ada"}, "callback": {"url": "https://a.example", "events": ["x"]}},
            "callback.events.0",
        ),
        (
            {"input": {"name": "Ada"}, "channel": "telephony", "callback": {"url": "https://a.example"}},
            "callback",
        ),
    ],
)
async def test_what_does_not_fit_is_422_and_says_where(world, body, path):
    """The path leads a program to the field, the message a person."""
    answer = await post(world, json.dumps(body))
    status, _ = problem(answer)
    assert (status, answer.json()["errors"][0]["path"]) == (422, path)
    assert answer.json()["errors"][0]["message"]
    assert not world.runs.rows


async def test_messages_repeat_no_values_and_name_no_classes(world):
    """What was sent may be secret, and our class names are nobody's business."""
    text = (await post(world, json.dumps({"input": "geheim", "metadata": {"a": {"b": "geheim"}}}))).text
    assert "geheim" not in text
    assert "Greeting" not in text


async def test_a_refused_callback_url_is_422(world):
    """Before anything is started for a callback that can't be posted."""
    answer = await world.start(callback={"url": "https://evil.example"})
    assert problem(answer) == (422, "callback_not_allowed")
    assert not world.runs.rows


async def test_an_unknown_flow_is_404(world):
    """And says so by its own code."""
    assert problem(await world.start("nothing")) == (404, "flow_not_found")


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=latin-1",
        "json",
        "",
    ],
)
async def test_what_is_not_declared_as_json_is_415(world, content_type):
    """A form that a browser sends across sites never starts a run."""
    headers = {} if content_type is None else {"Content-Type": content_type}
    assert problem(await post(world, b'{"input":{"name":"Ada"}}', headers)) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=UTF-8", "Application/JSON", "application/cloudevents+json"]
)
async def test_json_is_taken_under_all_of_its_names(world, content_type):
    """Clients differ."""
    assert (await post(world, b'{"input":{"name":"Ada"}}', {"Content-Type": content_type})).status_code == 202


async def test_a_body_of_20_mb_is_413_at_once(world):
    """It is read to its end, so that the caller sees the answer, and not kept."""
    begin = time.perf_counter()
    assert problem(await post(world, b'{"input":"' + b"x" * 20_000_000 + b'"}')) == (413, "body_too_large")
    assert time.perf_counter() - begin < 2


async def test_a_chunked_body_of_20_mb_is_413(world):
    """No Content-Length says how much will come."""

    async def chunks():
        for _ in range(20):
            yield b"x" * 1_000_000

    assert problem(await post(world, chunks())) == (413, "body_too_large")


async def test_a_body_of_4_mb_is_taken(world):
    """The limit is what it says."""
    body = json.dumps({"input": {"name": "x" * (4 * 1024 * 1024 - 30)}}).encode()
    assert len(body) <= 4 * 1024 * 1024
    assert (await post(world, body)).status_code == 202


async def test_another_accepted_status_is_422(world):
    """An option that does not fit is told, not guessed."""
    answer = await world.keyed.post("/flows/greet/runs?accepted_status=204", json={"input": {"name": "A"}})
    assert problem(answer) == (422, "invalid_request")


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=64)
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
        max_leaves=12,
    ).map(lambda value: json.dumps(value).encode())
)
async def test_no_body_brings_a_5xx(content):
    """Whatever is sent, the answer is a problem document or a start."""
    world = World()
    assert (await post(world, content)).status_code in {202, 400, 422}
