"""The answer URL of a question."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from raincheck.errors import RequestError
from raincheck.web.body import beside_the_loop, read_body, read_json
from raincheck.web.native.status_responses import AcceptedStatus, status_response
from raincheck.web.scope import uses_of

__all__ = ["routes"]

routes = APIRouter()


@routes.post("/runs/{token}/answer")
async def answer(token: str, request: Request, accepted_status: AcceptedStatus = "202") -> Response:
    """Answer a question: checked first, and the first answer stands."""
    uses = uses_of(request)
    opened, row = await uses.status.open(token, "answer")
    body = await read_body(request)
    value = await beside_the_loop(body, lambda: _value(read_json(request, body)))
    # The question's number stands where other tokens have a position in the log.
    await uses.answers.answer(row, opened.run_id, f"q{opened.position.sequence}", value)
    view = await uses.status.read(row)
    return status_response(request, view, opened=opened, accepted=accepted_status)


def _value(document: Any) -> Any:
    """Return the value in a body.

    Raises:
        RequestError: 422; the body has another shape.
    """
    if not isinstance(document, dict) or set(document) != {"value"}:
        raise RequestError.invalid("value", 'The body is {"value": …} and nothing else.')
    return document["value"]
