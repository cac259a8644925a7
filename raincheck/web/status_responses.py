"""Status documents as responses: 202 while a run goes on, 200 otherwise, and when to ask again."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from raincheck.errors import RequestError
from raincheck.events import START, Position
from raincheck.models import StatusDocument
from raincheck.outcomes import RunStatus
from raincheck.service.documents import StatusDocuments
from raincheck.service.services import Services
from raincheck.service.status import RunView
from raincheck.web.urls import base_url

__all__ = ["accepted_status", "document_of", "goes_on", "status_answer"]


def document_of(
    services: Services, request: Request, view: RunView, position: Position = START
) -> StatusDocument:
    """Build the document for the caller of a request."""
    base = base_url(request, services.settings) + services.route_prefix
    return StatusDocuments(services.tokens, base).of(view, position)


def goes_on(view: RunView) -> bool:
    """Whether there is something to wait for."""
    return not view.status.terminal and view.status is not RunStatus.INPUT_REQUIRED


def accepted_status(request: Request) -> int:
    """Return the status of an answer that is not the end: 202, or 200 for callers that take nothing else.

    Raises:
        RequestError: 422; the query asks for another one.
    """
    text = request.query_params.get("accepted_status", "202")
    if text not in {"200", "202"}:
        message = "accepted_status is 200 or 202."
        raise RequestError(
            422, "invalid_request", message, errors=[{"path": "accepted_status", "message": message}]
        )
    return int(text)


def status_answer(
    document: StatusDocument,
    *,
    accepted: int | None,
    age: float,
    headers: Mapping[str, str | None] | None = None,
) -> Response:
    """Build the response.

    Args:
        document: what it holds.
        accepted: its status where the run goes on; None where it does not (200).
        age: seconds since the run was made: the older, the later the next look.
        headers: further ones; None leaves one out.
    """
    given = {name: value for name, value in (headers or {}).items() if value is not None}
    if accepted is not None:
        given["Retry-After"] = str(retry_after(age))
    return JSONResponse(document.model_dump(mode="json"), accepted or 200, given)


def retry_after(age: float) -> int:
    """Return the seconds until another look is worth its cost."""
    for younger, seconds in ((10, 1), (60, 2), (600, 5)):
        if age < younger:
            return seconds
    return 15
