"""HTTP functions in `func.HttpRequest` style: the body is read whole, the answer is sent whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from raincheck_devhost.processes import Answer

_NO_BODY = {204, 304}
_LARGEST_STATUS = 599


def typed_request(scope: Any, parameters: dict[str, str]) -> dict[str, Any]:
    """Build the trigger's typed data. Repeated headers and query values are joined with a comma."""
    headers = _joined((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
    query_text = scope["query_string"].decode("latin-1")
    query = _joined((name, value) for name, value in parse_qsl(query_text) if value)
    host = headers.get("host", "localhost")
    url = f"{scope['scheme']}://{host}{scope['raw_path'].decode('latin-1')}" + (
        f"?{query_text}" if query_text else ""
    )
    fields = {"method": scope["method"], "url": url, "headers": headers, "query": query, "params": parameters}
    return {"http": fields}


def response_of(answer: Answer) -> tuple[int, list[tuple[str, str]], bytes]:
    """Return status, headers and body of what a function returned."""
    value = answer.value or {}
    if "string" in value:
        return 200, [("content-type", "text/plain; charset=utf-8")], value["string"].encode()
    http = value["http"]
    status = int(http["status"])
    if status > _LARGEST_STATUS:  # the server behind devhost knows none of these
        raise ValueError(f"status {status} can't be sent")
    headers = [*http["headers"].items(), *(("set-cookie", _cookie(each)) for each in http["cookies"])]
    return status, headers, b"" if status in _NO_BODY else answer.blob


def _joined(pairs: Any) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in pairs:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _cookie(cookie: dict[str, Any]) -> str:
    """Write a cookie as the host does: it parses the function's and writes its own, empty parts included."""
    parts = [f"{cookie['name']}={cookie['value']}"]
    if cookie["expires"]:
        parts.append(f"expires={cookie['expires']}")
    if cookie["max-age"]:
        parts.append(f"max-age={cookie['max-age']}")
    parts += [f"domain={cookie['domain']}", f"path={cookie['path']}"]
    if cookie["secure"]:
        parts.append("secure")
    if cookie["samesite"]:
        parts.append(f"samesite={str(cookie['samesite']).lower()}")
    if cookie["httponly"]:
        parts.append("httponly")
    return "; ".join(parts)
