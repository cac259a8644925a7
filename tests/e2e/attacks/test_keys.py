"""Where keys are enforced, no spelling of a keyed path answers anything without one."""

import http.client
from urllib.parse import urlsplit

import httpx
import pytest

from tests.e2e.conftest import FUNCTION_KEY

PATHS = ["/flows", "/flows/tell_story", "/flows/tell_story/runs", "/openapi.json", "/manage/runs"]
SPELLINGS = [
    lambda path: path,
    lambda path: path.upper(),
    lambda path: path + "/",
    lambda path: "/" + path,
    lambda path: path.replace("/", "//"),
    lambda path: "/." + path,
    lambda path: "/runs/.." + path,
    lambda path: "/runs/%2e%2e" + path,
    lambda path: "/runs/..%2F" + path[1:],
    lambda path: "/health/.." + path,
    lambda path: "/runs" + path,
    lambda path: path.replace("s", "%73", 1),
    lambda path: path.replace("/", "%2F"),
    lambda path: path.replace("/", "\\"),
    lambda path: path + ";x=1",
    lambda path: path + "%20",
    lambda path: path + "%00",
    lambda path: path + ".",
    lambda path: path + "?code=",
    lambda path: path + "?code=wrong",
]


def raw(base, method, path, headers=None):
    """Send a path as it is: clients tidy up what they are given."""
    parts = urlsplit(base)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    try:
        connection.putrequest(method, parts.path + path, skip_accept_encoding=True)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": "0",
            **(headers or {}),
        }.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")
    finally:
        connection.close()


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("number", range(len(SPELLINGS)))
def test_no_spelling_answers_without_a_key(keyed_url, method, path, number):
    """Nothing of what the path would answer with a key."""
    status, text = raw(keyed_url, method, SPELLINGS[number](path))
    assert status in {400, 401, 404, 405}, text
    assert "tell_story" not in text
    assert "input" not in text


async def test_the_key_opens_and_never_stands_in_what_is_handed_out(keyed_url):
    """By header and by query; the URLs of the answer have tokens and no keys."""
    async with httpx.AsyncClient(base_url=keyed_url, timeout=60) as api:
        story = {"input": {"topic": "x", "pieces": 1}}
        by_header = await api.post(
            "/flows/tell_story/runs", json=story, headers={"x-functions-key": FUNCTION_KEY}
        )
        by_query = await api.post(f"/flows/tell_story/runs?code={FUNCTION_KEY}", json=story)
        for answer in (by_header, by_query):
            assert answer.status_code == 200
            assert FUNCTION_KEY not in answer.text + str(answer.headers)
        assert (await api.get(by_header.json()["status_url"])).status_code == 200


async def test_health_and_tokens_need_no_key(keyed_url):
    """The token is the key."""
    async with httpx.AsyncClient(base_url=keyed_url, timeout=60) as api:
        assert (await api.get("/health")).status_code == 200
        assert (await api.get("/runs/nonsense")).json()["code"] == "not_found"
