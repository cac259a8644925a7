"""What nobody asks for any more: timers finish what was ended from outside, and clear away what is old."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from standardwebhooks import Webhook

from tests.azurite import Azurite
from tests.e2e.hosts import SETTINGS, copy_of_app
from tests.faults.conftest import FLOWS
from tests.faults.host import KillableHost, wait_until

SECRET = SETTINGS["RAINCHECK_WEBHOOK_SECRETS"].partition("=")[2]
WITHIN = 120.0  # seconds: the sweeper looks twice a minute, at what is half a minute old


@contextmanager
def receiving() -> Iterator[tuple[str, list]]:
    """Receive on loopback: the URL, and what came."""
    got: list = []

    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            got.append(Webhook(SECRET).verify(body, {k.lower(): v for k, v in self.headers.items()}))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/", got
        server.shutdown()


@contextmanager
def hosted(app, folder, storage, **settings) -> Iterator[KillableHost]:
    folder.mkdir()
    host = KillableHost(app, folder, storage, **settings)
    try:
        host.start()
        yield host
    finally:
        host.stop()


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    """Two hosts, so that both wait for their timers at the same time: a terminated run, and an old one."""
    folder = tmp_path_factory.mktemp("swept")
    app = copy_of_app(folder / "app", FLOWS)
    with (
        Azurite(folder / "azurite") as azurite,
        receiving() as (url, got),
        hosted(app, folder / "keeps", azurite.connection_string) as keeps,
        Azurite(folder / "other") as other,
        hosted(app, folder / "clears", other.connection_string, RAINCHECK_RETENTION_DAYS="0.0001") as clears,
    ):
        body = {"input": 600.0, "background": True, "callback": {"url": url}}
        terminated = httpx.post(f"{keeps.url}/flows/waits_long/runs", json=body, timeout=60).json()
        body = {"input": 0.1, "background": False}
        old = httpx.post(f"{clears.url}/flows/parent/runs", json=body, timeout=60).json()
        instance = f"{keeps.management}/instances/{terminated['id']}"
        wait_until(lambda: httpx.get(instance).json()["runtimeStatus"] == "Running")
        httpx.post(f"{instance}/terminate", params={"reason": "by hand"}).raise_for_status()
        yield got, clears, old


def test_a_run_terminated_from_outside_tells_its_receiver(scene):
    """Nobody reads it, so nobody but the sweeper finds out."""
    got, _, _ = scene
    wait_until(lambda: got, WITHIN)
    assert [(told["type"], told["data"]["status"]) for told in got] == [("run.canceled", "Canceled")]


def test_a_run_that_ended_long_ago_is_cleared_away_whole(scene):
    """Row, history and log go, its sub-flows' too; its token then opens nothing."""
    _, clears, old = scene
    assert old["status"] == "Succeeded"
    wait_until(lambda: httpx.get(old["status_url"]).status_code == 404, WITHIN)
    for one in (old["id"], f"{old['id']}:1", f"{old['id']}:2"):
        instance = f"{clears.management}/instances/{one}"
        wait_until(lambda instance=instance: httpx.get(instance).status_code == 404)
