"""An app that answers from a script, and a clock that moves only when somebody sleeps."""

import json
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import httpx

from raincheck.client import Client

DOCUMENT = {
    "id": "20300101-" + "0" * 32,
    "flow": "tell_story",
    "status": "Running",
    "created_at": datetime(2030, 1, 1, tzinfo=UTC).isoformat(),
    "updated_at": datetime(2030, 1, 1, tzinfo=UTC).isoformat(),
    "continuation_token": "tok-0",
    "status_url": "http://app/api/runs/tok-0",
    "events_url": "http://app/api/runs/tok-0/events",
    "cancel_url": "http://app/api/runs/tok-c/cancel",
}
Answer = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


class Clock:
    """Time passes by sleeping only."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def monotonic(self) -> float:
        return self.now


class FakeApp:
    """Gives the scripted answers, the last one again and again; keeps the requests."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.clock = Clock()

    def client(self, url: str = "http://app", key: str | None = None) -> Client:
        http = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        return Client(url, key=key, http=http, sleep=self.clock.sleep, monotonic=self.clock.monotonic)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer(request) if callable(answer) else answer


class Chunks(httpx.AsyncByteStream):
    """A body in pieces; ends with an error where the connection is lost."""

    def __init__(self, chunks: Iterable[bytes], *, lost: bool) -> None:
        self._chunks = list(chunks)
        self._lost = lost

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk
        if self._lost:
            raise httpx.ReadError("connection lost")


def document(status: str = "Running", **fields: Any) -> dict[str, Any]:
    token = "tok-0" if status in {"NotStarted", "Running"} else None
    return {**DOCUMENT, "status": status, "continuation_token": token, **fields}


def answer(status: str, *, retry_after: int | None = None, **fields: Any) -> httpx.Response:
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    code = 202 if status in {"NotStarted", "Running"} else 200
    return httpx.Response(code, json=document(status, **fields), headers=headers)


def problem(status: int, code: str, **fields: Any) -> httpx.Response:
    body = {"type": "about:blank", "title": "t", "status": status, "detail": "d", "code": code, **fields}
    return httpx.Response(status, json=body)


def event(number: int | None, kind: str = "output.text.delta", **fields: Any) -> bytes:
    """The bytes of an event whose token is `tok-<next number>`."""
    given: dict[str, Any] = {"type": kind, **fields}
    if number is not None:
        given |= {"sequence_number": number, "continuation_token": f"tok-{number + 1}"}
    if kind.startswith("run.s") and kind != "run.started":
        given["continuation_token"] = None
    own_id = "" if number is None else f"id: after-{number}\n"
    return f"{own_id}data: {json.dumps(given, ensure_ascii=False)}\n\n".encode()


def stream(*chunks: bytes, lost: bool = False) -> Callable[[httpx.Request], httpx.Response]:
    def make(_: httpx.Request) -> httpx.Response:
        headers = {"content-type": "text/event-stream"}
        return httpx.Response(200, headers=headers, stream=Chunks(chunks, lost=lost))

    return make
