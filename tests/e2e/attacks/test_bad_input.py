"""Bad input on a real host: each answers within seconds, nothing hangs, nothing is half started."""

import asyncio
import json
import time

import httpx
import pytest

JSON = {"Content-Type": "application/json"}
TELL = "/flows/tell_story/runs"
NESTED = b'{"input": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"


def code(answer):
    """Give status and code of a problem document."""
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize(
    ("path", "content", "expected"),
    [
        (TELL, b"{", (400, "invalid_json")),
        (TELL, b'{"input": {"topic": "\xff"}}', (400, "invalid_json")),
        (TELL, b'{"input": NaN}', (400, "invalid_json")),
        (TELL, NESTED, (400, "invalid_json")),
        (TELL, b'{"input": {"topic": "x", "pieces": "many"}}', (422, "invalid_request")),
        (TELL, b'{"input": {"topic": "x"}, "colour": "red"}', (422, "invalid_request")),
        (TELL, b"[]", (422, "invalid_request")),
        (TELL, b'{"input":"' + b"x" * 20_000_000 + b'"}', (413, "body_too_large")),
        ("/flows/nothing/runs", b'{"input": {}}', (404, "flow_not_found")),
    ],
    ids=["malformed", "utf-8", "nan", "nested", "type", "field", "list", "20 MB", "flow"],
)
async def test_what_is_wrong_is_told_at_once(api, path, content, expected):
    """Through the host, the worker and the bridge."""
    begin = time.monotonic()
    assert code(await api.post(path, content=content, headers=JSON)) == expected
    assert time.monotonic() - begin < 5


async def test_a_chunked_body_of_20_mb_is_413(api):
    """No Content-Length announces it."""

    async def chunks():
        for _ in range(20):
            yield b"x" * 1_000_000

    assert code(await api.post(TELL, content=chunks(), headers=JSON)) == (413, "body_too_large")


async def test_a_form_is_415(api):
    """What a browser may send across sites starts nothing."""
    assert code(await api.post(TELL, data={"input": "x"})) == (415, "unsupported_media_type")


async def test_a_wrong_method_is_405(api):
    """And not the host's own empty 404."""
    assert code(await api.put(TELL, json={})) == (405, "method_not_allowed")


async def test_wrong_tokens_are_all_404(api):
    """Forged, truncated, foreign, of another purpose: one answer."""
    document = (await api.post(TELL, json={"input": {"topic": "x", "pieces": 1}})).json()
    token = document["status_url"].rpartition("/")[2]
    forged = token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1]
    answers = [
        await api.get(f"/runs/{wrong}") for wrong in (forged, token[:-5], "x", token + "x", token.swapcase())
    ]
    assert {code(answer) for answer in answers} == {(404, "not_found")}
    assert len({answer.text for answer in answers}) == 1


async def test_an_expired_token_is_410(running, azurite, app):
    """A holder may know that it was good."""
    with running(azurite, app, RAINCHECK_TOKEN_HOURS="0.0003") as base:  # a second
        async with httpx.AsyncClient(base_url=base, timeout=30) as api:
            story = {"input": {"topic": "x", "pieces": 1}, "background": True}
            url = (await api.post(TELL, json=story)).json()["status_url"]
            await asyncio.sleep(2.5)
            assert code(await api.get(url)) == (410, "token_expired")


@pytest.mark.parametrize(
    ("flow", "error"),
    [
        ("flow_that_raises", None),
        ("flow_refused", {"code": "sold_out", "message": "There is none left."}),
        (
            "flow_exhausted",
            {"code": "retries_exhausted", "message": "The supplier doesn't answer. (tried 2 times)"},
        ),
    ],
)
async def test_a_flow_that_fails_is_a_status_document(trial, flow, error):
    """200 with an error, and none of the caller's business in it."""
    answer = await trial.post(f"/flows/{flow}/runs", json={"input": {}, "background": False})
    assert (answer.status_code, answer.json()["status"]) == (200, "Failed")
    assert "geheim" not in answer.text
    assert error is None or answer.json()["error"] == error


async def test_an_always_background_flow_never_waits(trial):
    """Whatever the caller would like."""
    answer = await trial.post(
        "/flows/flow_background/runs", json={"input": {}, "background": False}, headers={"Prefer": "wait=20"}
    )
    assert answer.status_code == 202


@pytest.mark.parametrize("size", [100_000, 3_000_000])
async def test_a_large_result_arrives_whole(trial, size):
    """By the status and by the stream."""
    answer = await trial.post("/flows/flow_slow/runs", json={"input": {"size": size}, "background": False})
    assert len(answer.json()["result"]) == size
    page = await trial.get(answer.json()["events_url"], headers={"Accept": "application/json"})
    assert len(page.json()["events"][-1]["result"]) == size


async def test_a_caller_that_leaves_does_not_end_the_run(trial):
    """The run goes on without it; the host too."""
    with pytest.raises(httpx.ReadTimeout):
        await trial.post(
            "/flows/flow_slow/runs", json={"input": {"seconds": 2}, "background": False}, timeout=0.5
        )
    assert (await trial.get("/health")).status_code == 200


async def test_duplicate_and_strange_headers_do_no_harm(api):
    """The host and the worker add some of their own."""
    headers = [
        *JSON.items(),
        ("Prefer", "respond-async"),
        ("Prefer", "x" * 3000),
        ("X-Forwarded-Host", "evil example"),
    ]
    answer = await api.post(TELL, content=json.dumps({"input": {"topic": "x", "pieces": 1}}), headers=headers)
    assert "evil" not in answer.text
