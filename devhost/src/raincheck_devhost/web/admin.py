"""The host's own pages: the start page, health, and the admin API (status, functions, run one by hand)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from raincheck_devhost.functions import Function

_WELCOME = b"<!DOCTYPE html><title>devhost</title><p>Your function app is up and running.</p>"
_PING = [("cache-control", "no-store,no-cache"), ("pragma", "no-cache")]
Response = tuple[int, list[tuple[str, str]], bytes]


def welcome() -> Response:
    """Answer GET /."""
    return 200, [("content-type", "text/html")], _WELCOME


def ping() -> Response:
    """Answer /admin/host/ping."""
    return 200, _PING, b""


def drain_status(outstanding: int) -> Response:
    """Answer /admin/host/drain/status; `outstanding` is how many invocations have begun and not ended."""
    return _json({"state": "Disabled", "outstandingInvocations": outstanding, "outstandingRetries": 0})


def answer(
    method: str, path: str, body: bytes, functions: dict[str, Function], run: Callable[[Function, str], bool]
) -> Response:
    """Answer the admin API; `run` starts a function by hand and says whether it could."""
    match [part for part in path.lower().split("/") if part]:
        case ["admin", "host", "status"] if method == "GET":
            return _json({"id": "devhost", "state": "Running", "version": "4.devhost"})
        case ["admin", "functions"] if method == "GET":
            return _json([_entry(each) for each in functions.values()])
        case ["admin", "functions", name] if name in functions:
            if method == "GET":
                return _json(_entry(functions[name]))
            if method == "POST":
                return (202 if run(functions[name], _input(body)) else 400), [], b""
        case ["admin", "functions", name, "status"] if name in functions and method == "GET":
            return _json({})
    return 404, [], b""


def _input(body: bytes) -> str:
    try:
        document = json.loads(body or b"{}")
    except ValueError:
        return ""
    value = document.get("input", "") if isinstance(document, dict) else ""
    return value if isinstance(value, str) else json.dumps(value)


def _entry(function: Function) -> dict[str, Any]:
    config = {"name": function.name, "language": "python", "bindings": list(function.bindings)}
    return {"name": function.name, "language": "python", "config": config, "isDisabled": False}


def _json(value: Any) -> Response:
    return 200, [("content-type", "application/json; charset=utf-8")], json.dumps(value).encode()
