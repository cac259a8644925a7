"""HTTP answers in the extension's shapes."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from raincheck_devhost.durable.protocol.newtonsoft import compact

_JSON = "application/json; charset=utf-8"
_WENT_WRONG = "Something went wrong while processing your request"


def document(status: int, body: Any, headers: dict[str, str] | None = None) -> Response:
    """Answer with JSON; a text becomes a JSON string."""
    return Response(compact(body), status, headers, media_type=_JSON)


def empty(status: int) -> Response:
    """Answer without a body."""
    return Response(status_code=status)


def message(status: int, text: str) -> Response:
    """Answer with `{"Message": ...}`."""
    return document(status, {"Message": text})


def exception(status: int, text: str, kind: str, what: str) -> Response:
    """Answer with a .NET exception of type `kind` that says `what`."""
    return document(
        status, {"Message": text, "ExceptionMessage": what, "ExceptionType": kind, "StackTrace": ""}
    )


def invalid_json(error: ValueError) -> Response:
    """Answer a body that isn't JSON."""
    return exception(400, "Invalid JSON content", "Newtonsoft.Json.JsonReaderException", str(error))


def went_wrong(kind: str, what: str) -> Response:
    """Answer 500 as the extension does for exceptions of its own."""
    return exception(500, _WENT_WRONG, kind, what)
