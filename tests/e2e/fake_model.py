"""A model endpoint of our own: speaks as much of OpenAI's streaming as `tell_story` needs."""

import json
import threading
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class FakeModel(ThreadingHTTPServer):
    """Answers `POST /v1/chat/completions` with `deltas`; `statuses` are given first, one a request."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/v1"
        self.deltas: list[str | None] = ["Once ", "upon ", "a ", "time."]
        self.statuses: list[tuple[int, dict[str, str]]] = []
        self.cut_after: int | None = None  # deltas, then the connection is cut, once
        self.endless = False
        self.hung_up = threading.Event()  # the caller went away
        self.requests: list[tuple[Message, dict[str, Any]]] = []
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: FakeModel
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append((self.headers, body))
        self.close_connection = True
        if self.path != "/v1/chat/completions":
            self._refuse(404, {})
        elif self.server.statuses:
            self._refuse(*self.server.statuses.pop(0))
        else:
            self._tell()

    def _refuse(self, status: int, headers: dict[str, str]) -> None:
        text = json.dumps({"error": {"message": "no", "type": "refused"}}).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(text))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def _tell(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            self._stream()
        except OSError:
            self.server.hung_up.set()

    def _stream(self) -> None:
        for number, delta in enumerate(self.server.deltas):
            if number == self.server.cut_after:
                self.server.cut_after = None
                return
            self._delta(delta)
        while self.server.endless:
            self._delta("and then ")
            threading.Event().wait(0.005)
        self._chunk(b"data: [DONE]\n\n")
        self._chunk(b"")

    def _delta(self, delta: str | None) -> None:
        choices = [{"index": 0, "delta": {"content": delta}, "finish_reason": None}]
        if delta == "":
            choices = []  # as Azure's content filter sends first
        chunk = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": choices}
        self._chunk(f"data: {json.dumps(chunk)}\n\n".encode())

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Say nothing."""
