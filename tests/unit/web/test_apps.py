"""What holds for both apps: problem documents everywhere, separate routes, health, CORS, quiet logs."""

import asyncio
import logging

import httpx
import pytest

from raincheck.web import problem_responses
from raincheck.web.logs import mask_tokens
from tests.unit.web.fakes import World

SECRETS = ("AccountKey", "127.0.0.1:10002", "Traceback", "RuntimeError", "geheim")


@pytest.mark.parametrize("face", ["keyed", "open"])
@pytest.mark.parametrize(
    "path", ["/", "/nothing", "/flows/", "/runs/", "/docs", "/redoc", "/openapi", "/api/flows"]
)
async def test_an_unknown_path_is_a_404_problem(world, face, path):
    """No redirect, no page of the framework."""
    answer = await getattr(world, face).get(path)
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("face", "method", "path"),
    [
        ("keyed", "GET", "/flows/greet/runs"),
        ("keyed", "DELETE", "/flows"),
        ("keyed", "POST", "/openapi.json"),
        ("keyed", "OPTIONS", "/flows"),
        ("open", "POST", "/health"),
        ("open", "PUT", "/runs/x"),
        ("open", "GET", "/runs/x/cancel"),
    ],
)
async def test_a_wrong_method_is_a_405_problem(world, face, method, path):
    """With the methods that there are."""
    answer = await getattr(world, face).request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"]


@pytest.mark.parametrize(
    "path", ["/flows", "/flows/greet", "/flows/greet/runs", "/openapi.json", "/manage/runs"]
)
async def test_the_open_app_has_no_keyed_route(world, path):
    """Whatever leads to it, there is nothing to be had without a key."""
    for method in ("GET", "POST"):
        assert (await world.open.request(method, path, json={})).status_code == 404


async def test_a_bug_is_a_500_problem_that_tells_nothing(world, caplog):
    """The log has the stack, the caller has not."""

    async def broken(run_id):
        raise RuntimeError("geheim AccountKey=abc at 127.0.0.1:10002")

    world.runs.get = broken
    token = world.token(world.run())
    answer = await world.open.get(f"/runs/{token}")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert not any(secret in answer.text for secret in SECRETS)
    assert "geheim" in caplog.text
    assert token not in caplog.text


async def test_flows_are_listed_with_their_schemas(world):
    """An agent finds what it can start, and with what."""
    flows = {flow["name"]: flow for flow in (await world.keyed.get("/flows")).json()["flows"]}
    assert flows.keys() == {"greet", "nightly", "fire"}
    greet = flows["greet"]
    assert greet == (await world.keyed.get("/flows/greet")).json()
    assert (greet["version"], greet["mode"], greet["wait"]) == (1, "flexible", 5)
    assert greet["input_schema"]["properties"]["times"]["maximum"] == 10
    assert "text" in greet["result_schema"]["properties"]


async def test_an_unknown_flow_is_404_here_too(world):
    """As where it would be started."""
    assert (await world.keyed.get("/flows/nothing")).json()["code"] == "flow_not_found"


async def test_health_is_ok_or_503(world):
    """Load balancers go by the status, people by the document."""
    assert (await world.open.get("/health")).json() == {
        "status": "ok",
        "version": "0.1.0",
        "storage": "reachable",
    }
    world.runs.away = True
    answer = await world.open.get("/health")
    assert (answer.status_code, answer.json()["storage"]) == (503, "unreachable")


async def test_health_does_not_wait_for_storage_for_ever(world, monkeypatch):
    """A probe that hangs tells less than one that fails."""

    async def hangs(run_id):
        await asyncio.Event().wait()

    monkeypatch.setattr("raincheck.web.health.LIMIT", 0.01)
    world.runs.get = hangs
    assert (await world.open.get("/health")).status_code == 503


async def test_browsers_of_known_origins_may_collect():
    """And read the headers that lead on."""
    world = World(settings={"cors_origins": ("https://chat.example.com",)})
    origin = {"Origin": "https://chat.example.com"}
    preflight = await world.open.options(
        "/runs/x",
        headers={
            **origin,
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "Prefer",
        },
    )
    assert preflight.status_code == 200
    answer = await world.open.get(f"/runs/{world.token(world.run())}", headers=origin)
    assert answer.headers["access-control-allow-origin"] == origin["Origin"]
    assert "Retry-After" in answer.headers["access-control-expose-headers"]
    strange = await world.open.get("/health", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in strange.headers


async def test_a_caller_that_left_is_not_waited_for(world):
    """Nobody reads the answer; the run goes on."""
    sent = []
    request = {
        "type": "http.request",
        "body": b'{"input":{"name":"A"},"background":false}',
        "more_body": False,
    }
    messages = iter([request])

    async def receive():
        return next(messages, {"type": "http.disconnect"})

    async def send(message):
        sent.append(message)

    app = world.keyed._transport.app
    scope = {
        "type": "http", "method": "POST", "path": "/flows/greet/runs", "query_string": b"",
        "headers": [(b"content-type", b"application/json")], "scheme": "http", "server": ("h", 80),
    }  # fmt: skip
    await app(scope, receive, send)
    assert sent[0]["status"] == 499
    assert (world.time.seconds, len(world.orchestrations.started)) == (0, 1)


@pytest.mark.parametrize("name", ["uvicorn.access", "httpx"])
def test_request_logs_show_no_tokens(name, caplog):
    """The worker's access log has every path."""
    token = World().token("20261121-" + "0" * 32)
    mask_tokens()
    mask_tokens()
    with caplog.at_level(logging.INFO, logger=name):
        logging.getLogger(name).info('%s - "%s %s"', "127.0.0.1", "GET", f"/api/runs/{token}/events")
        logging.getLogger(name).info("%s", httpx.URL(f"http://h/api/runs/{token}"))
    assert token not in caplog.text
    assert token[:24] in caplog.text


def test_a_problem_without_errors_has_no_errors_field():
    """Only a 422 lists some."""
    error = problem_responses.RequestError(404, "not_found", "x")
    assert b"errors" not in problem_responses.answer(error).body
