"""Callbacks outlive the host: killed while it waits, while it posts, and at any moment."""

import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from standardwebhooks import Webhook

from tests.e2e.hosts import SETTINGS
from tests.faults.host import wait_until

SECRET = SETTINGS["RAINCHECK_WEBHOOK_SECRETS"].partition("=")[2]


class Receiver(ThreadingHTTPServer):
    """Verifies what comes; answers the scripted statuses first, then 204. `hold` keeps answers back."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script: list[int] = []
        self.hold: threading.Event | None = None
        self.ids: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_port}/hook"


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        Webhook(SECRET).verify(body, dict(self.headers))
        self.server.ids.append(self.headers["webhook-id"])
        if self.server.hold is not None:
            self.server.hold.wait(60)
        try:
            self.send_response(self.server.script.pop(0) if self.server.script else 204)
            self.send_header("Retry-After", "3")
            self.end_headers()
        except OSError:
            pass  # the host was killed meanwhile

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Give a receiver that runs."""
    with Receiver() as receiver:
        thread = threading.Thread(target=receiver.serve_forever)
        thread.start()
        yield receiver
        receiver.shutdown()
        thread.join()


def started(call, receiver, flow="flow_slow", value=None) -> str:
    body = {"input": value or {"size": 3}, "background": True, "callback": {"url": receiver.url}}
    answer = call.post(f"/flows/{flow}/runs", json=body)
    assert answer.status_code == 202, answer.text
    return f"msg_{answer.json()['id']}_run.succeeded"


def test_a_pause_between_attempts_survives_a_kill(host, call, receiver):
    """Nobody but the durable timer remembers it."""
    receiver.script = [503]
    host.start()
    webhook_id = started(call, receiver)
    wait_until(lambda: receiver.ids)
    host.kill()
    host.start()
    wait_until(lambda: len(receiver.ids) >= 2)
    assert receiver.ids == [webhook_id] * 2


def test_a_post_that_a_kill_cut_is_made_again_under_the_same_id(host, call, receiver):
    """The receiver may have had it: it can tell by the id."""
    receiver.hold = threading.Event()
    host.start()
    webhook_id = started(call, receiver)
    wait_until(lambda: receiver.ids)
    host.kill()
    receiver.hold.set()
    receiver.hold = None
    host.start()
    wait_until(lambda: len(receiver.ids) >= 2)
    assert set(receiver.ids) == {webhook_id}


def test_every_callback_arrives_wherever_the_host_was_killed(host, call, receiver):
    """Between a run's end, its rows, its delivery's start and the post there are many places to die."""
    host.start()
    wanted = set()
    for round_ in range(4):
        wanted |= {started(call, receiver) for _ in range(5)}
        wait_until(lambda seen=5 * round_ + 1: len(set(receiver.ids)) >= seen)
        host.kill()
        host.start()
    wait_until(lambda: set(receiver.ids) >= wanted, 150)
    assert set(receiver.ids) == wanted
    assert max(Counter(receiver.ids).values()) <= 3
