"""Every path reaches the function that the host chose for it: the extension's web app answers none itself."""

import sys

import httpx
import pytest
from azurefunctions.extensions.http import fastapi as extension
from starlette.requests import Request
from starlette.responses import JSONResponse

from raincheck.functions.bridge import handler
from raincheck.functions.stranded.any_path import serve_any_path
from raincheck.functions.stranded.mend import attempt
from raincheck.web.apps import keyed_app, open_app
from raincheck.web.scope import USE_CASES
from tests.unit.web.fakes import World

ODD = ["/api/runs/a%0Ab", "/api/runs/a%0A", "/api/runs/%0A%0A", "/api/runs/a%0Db", "/api/runs/a%E2%80%A8b"]


@pytest.fixture
def mended(monkeypatch):
    monkeypatch.setattr(extension.WebApp, "get_app", extension.WebApp.get_app)  # undone after the test
    serve_any_path(attempt)


async def served(path, target, prefix="/api"):
    """What the worker's web app answers, where the function behind it is one of the product's."""
    uses = World().uses
    function = handler(target, prefix=prefix, extras=lambda client: {USE_CASES: uses})

    async def catch_all(request: Request):
        return await function(request, None)

    web_app = extension.WebApp()
    web_app.route(catch_all)
    transport = httpx.ASGITransport(app=web_app.get_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://app.example") as client:
        return await client.get(path)


async def test_without_the_mend_a_line_feed_never_reaches_the_function():
    """As recorded on the genuine host: FastAPI's own 404."""
    answer = await served("/api/runs/a%0Ab", lambda: open_app(()))
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})


@pytest.mark.parametrize("path", ODD)
async def test_every_path_gets_the_products_own_404(mended, path):
    """A problem document, with all headers that answers have."""
    answer = await served(path, lambda: open_app(()))
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/redoc", "/docs/oauth2-redirect"])
async def test_no_path_is_the_frameworks_own(mended, path):
    """With an empty route prefix these paths are the product's, and a key may open them."""
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["path"])
        await JSONResponse({"mine": True})(scope, receive, send)

    assert (await served(path, lambda: app, prefix="")).json() == {"mine": True}
    assert seen == [path]


async def test_the_products_own_openapi_is_served_without_a_prefix(mended):
    """Not that of the web app around it, whose title is FastAPI's."""
    answer = await served("/openapi.json", keyed_app, prefix="")
    assert answer.status_code != 404
    assert '"FastAPI"' not in answer.text


async def test_once_is_enough(mended):
    """A second call wraps nothing again."""
    once = extension.WebApp.get_app
    serve_any_path(attempt)
    assert extension.WebApp.get_app is once


def test_a_web_app_without_its_one_route_stays_as_it_is(mended, capsys):
    """Who serves requests another way knows why; one line says so."""
    app = extension.WebApp().get_app()
    assert "/openapi.json" in {route.path for route in app.router.routes}
    assert capsys.readouterr().err == (
        "raincheck: the route of the worker's web app can't be mended and stays as it is: "
        "LookupError: it has no single catch-all route\n"
    )


def test_the_module_needs_no_extension_until_it_is_used(mended):
    """A cold import of the app doesn't grow."""
    assert "extension" not in vars(sys.modules[serve_any_path.__module__])
