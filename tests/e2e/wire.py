"""Requests and answers as a document shows them: what differs each time is replaced by a name."""

import json
import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

__all__ = ["Exchange", "shown"]

_HIDDEN = [
    (re.compile(r"http://127\.0\.0\.1:\d+"), "http://localhost:7071"),
    (re.compile(r"WzE[\w-]+\.[\w-]{43}"), "<token>"),
    (re.compile(r"\d{8}-[0-9a-f]{32}"), "<run id>"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)"), "<time>"),
    (re.compile(r"LT-[0-9A-F]{8}"), "<order number>"),
    (re.compile(r"^id: \S+", re.MULTILINE), "id: <position>"),
    (re.compile(r'"NotStarted"'), '"Running"'),  # which of the two is a matter of milliseconds
]
_REQUEST_HEADERS = ("prefer", "idempotency-key", "accept", "last-event-id")
_ANSWER_HEADERS = (
    *("content-type", "location", "operation-location", "retry-after", "preference-applied"),
    *("raincheck-deadline", "idempotency-replayed"),
)
_LONGEST = 900  # characters of a body that a document shows


@dataclass
class Exchange:
    """One request and its answer, with a title and a line of explanation."""

    title: str
    why: str
    answer: httpx.Response = field(repr=False)

    def __str__(self) -> str:
        request = self.answer.request
        lines = [f"{request.method} {_hidden(request.url.raw_path.decode())}"]
        lines += _headers(request.headers, _REQUEST_HEADERS)
        if body := request.content:
            lines += ["", _body(body.decode("utf-8", "replace"))]
        lines += ["", f"HTTP/1.1 {self.answer.status_code} {self.answer.reason_phrase}"]
        lines += _headers(self.answer.headers, _ANSWER_HEADERS)
        if self.answer.text:
            lines += ["", _body(self.answer.text)]
        return f"### {self.title}\n\n{self.why}\n\n```http\n" + "\n".join(lines) + "\n```\n"


def shown(title: str, why: str, answer: httpx.Response) -> Exchange:
    """Make an exchange of an answer."""
    return Exchange(title, why, answer)


def _headers(headers: httpx.Headers, wanted: tuple[str, ...]) -> list[str]:
    found = []
    for name in wanted:
        value = headers.get(name)
        if value is not None and not (name == "accept" and value == "*/*"):
            found.append(f"{name.title()}: {_hidden(value)}")
    return found


def _body(text: str) -> str:
    with suppress(ValueError):  # not JSON: shown as it is
        text = json.dumps(_short(json.loads(text)), ensure_ascii=False, indent=2)
    text = _hidden(text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}\n…"


def _short(value: Any) -> Any:
    """Leave out what says nothing: the empty fields of a status document."""
    if isinstance(value, dict) and "continuation_token" in value and "status_url" in value:
        kept = ("id", "flow", "status", "continuation_token", "status_url")
        return {k: _short(v) for k, v in value.items() if k in kept or v not in (None, [], {})}
    return value


def _hidden(text: str) -> str:
    for pattern, name in _HIDDEN:
        text = pattern.sub(name, text)
    return text
