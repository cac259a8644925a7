"""The mend in the web server of Azure's own worker, as its package for Python 3.13 makes it."""

import asyncio
import importlib
import sys

import httpx
import pytest
from azurefunctions.extensions import base
from azurefunctions.extensions.http import fastapi as extension
from starlette.responses import JSONResponse

from raincheck.functions.stranded import release_stranded
from tests.unit.functions.stranded.conftest import AZURES

pytestmark = pytest.mark.skipif(sys.version_info < (3, 13), reason="Azure's package wants Python 3.13")


@pytest.fixture
def http_v2(monkeypatch):
    module = importlib.import_module(f"{AZURES}.http_v2")
    monkeypatch.setattr(module.SingletonMeta, "_instances", {})
    monkeypatch.setattr(module, "http_coordinator", module.HttpCoordinator())
    monkeypatch.setattr(module.HttpV2Registry, "_ext_base", base)
    monkeypatch.setattr(extension.WebApp, "get_app", extension.WebApp.get_app)
    monkeypatch.delitem(sys.modules, "azure_functions_worker.http_v2", raising=False)
    monkeypatch.delitem(sys.modules, "azure_functions_worker", raising=False)
    return module


@pytest.fixture
async def client(http_v2, monkeypatch, capsys):
    """A client of the web app that the worker makes; its server isn't started."""
    release_stranded(ticks=2)
    assert capsys.readouterr().err == ""
    served = []

    class Server:
        def __init__(self, hostname, port, web_app):
            served.append(web_app.get_app())

        async def serve(self):
            """Serve nothing."""

    module = importlib.import_module(base.ModuleTrackerMeta.get_module())
    monkeypatch.setattr(module, "WebServer", Server)
    assert http_v2.initialize_http_server("127.0.0.1").startswith("http://127.0.0.1:")
    transport = httpx.ASGITransport(app=served[0])
    async with httpx.AsyncClient(transport=transport, base_url="http://worker") as client:
        yield client


async def test_an_odd_path_is_paired_with_its_invocation(http_v2, client):
    """It reaches the coordinator, and the answer comes back through it."""

    async def function():
        request = await http_v2.http_coordinator.get_http_request_async("a")
        http_v2.http_coordinator.set_http_response("a", JSONResponse(request.scope["path"]))

    headers = {"x-ms-invocation-id": "a"}
    answer, _ = await asyncio.gather(client.get("/api/runs/a%0Ab", headers=headers), function())
    assert (answer.status_code, answer.json()) == (200, "/api/runs/a\nb")
    assert http_v2.http_coordinator._context_references == {}


async def test_an_id_of_the_callers_own_ends(http_v2, client, clock):
    """The worker's server answers 400, and keeps nothing."""
    asking = asyncio.ensure_future(client.get("/api/health", headers={"x-ms-invocation-id": "mine"}))
    while not asking.done():
        await clock.tick()
    answer = await asking
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert http_v2.http_coordinator._context_references == {}
