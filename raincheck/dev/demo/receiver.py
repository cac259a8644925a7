"""A receiver of callbacks, as somebody who calls flows would run one."""

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from raincheck.dev.children import Failed

__all__ = ["Received", "Receiver", "receiver"]

_MOST = 1_000_000  # bytes


@dataclass(frozen=True)
class Received:
    """A request as it came in."""

    headers: dict[str, str]
    body: bytes


class Receiver:
    """What came in. `url` is where to post."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._requests: queue.Queue[Received] = queue.Queue()

    def put(self, received: Received) -> None:
        """Note a request."""
        self._requests.put(received)

    def next(self, within: float) -> Received:
        """Return the next request.

        Raises:
            Failed: none came in time.
        """
        try:
            return self._requests.get(timeout=within)
        except queue.Empty:
            raise Failed(f"No callback arrived at {self.url} within {within:.0f} s.") from None


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Listen on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(min(int(self.headers.get("content-length", "0")), _MOST))
            inbox.put(Received(dict(self.headers.items()), body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as http.server names it
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    inbox = Receiver(f"http://127.0.0.1:{server.server_port}/callbacks")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield inbox
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
