"""Orchestrations that run: payloads, answers, HTTP and SDK as recorded from the genuine extension."""

import asyncio

import azure.functions as func
import pytest

from conformance.app.orchestrators import ORCHESTRATORS
from conformance.stage import Stage


def _request(url):
    return func.HttpRequest(method="POST", url=url, body=b"")


async def test_chain(tmp_path):
    """Two activities one after another, started in every way, waited for over HTTP, seen by the SDK."""
    async with Stage("chain", ORCHESTRATORS, tmp_path / "state.db") as s:
        await s.start("chain", "chain-1", {"hello": "world", "n": 1})
        await s.http("status-immediately", "GET", "/instances/chain-1")
        await s.client("get_status-immediately", lambda c: c.get_status("chain-1"))
        await s.until("chain-1")
        await s.status("chain-1")
        public = "https://public.example.net:8443/api/start"
        await s.client(
            "create_http_management_payload",
            lambda c: asyncio.sleep(0, c.create_http_management_payload("chain-1")),
        )
        await s.client(
            "create_check_status_response",
            lambda c: asyncio.sleep(0, c.create_check_status_response(_request(public), "chain-1")),
        )
        await s.client(
            "get_client_response_links",
            lambda c: asyncio.sleep(0, c.get_client_response_links(_request(public), "chain-1")),
        )
        await s.http("http-start-with-id", "POST", "/orchestrators/chain/chain-http", {"via": "http"})
        await s.until("chain-http")
        await s.http("http-started-status", "GET", "/instances/chain-http")
        started = (await s.http("http-start-no-id-no-body", "POST", "/orchestrators/chain")).json()["id"]
        await s.until(started)
        await s.http("no-input-status", "GET", f"/instances/{started}?showHistory=true")
        started = await s.start("chain", None, None)
        await s.until(started)
        await s.http("sdk-null-input-status", "GET", f"/instances/{started}?showHistory=true")
        wait = "/orchestrators/chain/chain-wait?timeout=15&pollingInterval=0.5"
        await s.http("start-and-wait", "POST", wait, {"w": 1}, moving=True)
        wait = "/orchestrators/timer/timer-wait?timeout=1&pollingInterval=0.2"
        await s.http("start-and-wait-too-short", "POST", wait, {"w": 1}, moving=True)
        await s.until("timer-wait")
        request = _request("http://127.0.0.1:7072/api/start")
        await s.client(
            "wait_for_completion_or_create_check_status_response",
            lambda c: c.wait_for_completion_or_create_check_status_response(request, "chain-1", 5000, 500),
        )


async def test_fan(tmp_path):
    """Fan-outs of five, of forty that come back in four episodes, and of none."""
    history = "?showHistory=true&showHistoryOutput=true"
    async with Stage("fan", ORCHESTRATORS, tmp_path / "state.db") as s:
        await s.start("fan", "fan-1", 5)
        await s.until("fan-1")
        await s.status("fan-1")
        await s.start("fan_big", "fan-big")
        await s.until("fan-big")
        await s.http("fan-big", "GET", f"/instances/fan-big{history}")
        await s.start("fan", "fan-empty", "0")
        await s.until("fan-empty")
        await s.http("fan-empty", "GET", f"/instances/fan-empty{history}")


@pytest.mark.parametrize(
    ("scenario", "orchestrator", "instance_id"),
    [("retry", "retry", "retry-1"), ("retry-exhausted", "retry_exhausted", "retryx-1")],
)
async def test_retries(tmp_path, scenario, orchestrator, instance_id):
    """call_activity_with_retry: the timers between, and the one too many after the last."""
    async with Stage(scenario, ORCHESTRATORS, tmp_path / "state.db") as s:
        await s.start(orchestrator, instance_id)
        await s.until(instance_id)
        await s.status(instance_id)
