"""Status documents as responses: 202 while a run goes on, 200 otherwise, and when to ask again."""

from collections.abc import Mapping
from typing import Annotated, Literal

from fastapi import Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from raincheck.events import START, Position
from raincheck.models import StatusDocument
from raincheck.service.status import RunView
from raincheck.service.tokens import Token
from raincheck.web.scope import uses_of
from raincheck.web.urls import documents_of

__all__ = ["AcceptedStatus", "document_response", "status_response"]

AcceptedStatus = Annotated[Literal["200", "202"], Query()]
"""The status of an answer that is not the end: 202, or 200 for callers that take nothing else."""


def status_response(
    request: Request,
    view: RunView,
    position: Position = START,
    *,
    opened: Token | None = None,
    accepted: str | None,
    headers: Mapping[str, str | None] | None = None,
) -> Response:
    """Build the response that shows a run to the caller of a request.

    Args:
        request: says which URLs the document has.
        view: how the run stands.
        position: where its reader stands in the event log.
        opened: the token that the caller came with; None where it was a key.
        accepted: its status where the run goes on; None where it does not (200).
        headers: further ones; None leaves one out.
    """
    document = documents_of(request).of(view, position, opened=opened)
    return document_response(request, view, document, accepted=accepted, headers=headers)


def document_response(
    request: Request,
    view: RunView,
    document: StatusDocument,
    *,
    accepted: str | None,
    headers: Mapping[str, str | None] | None = None,
) -> Response:
    """Build the response of a document that was made already; as `status_response`."""
    fields = {name: value for name, value in (headers or {}).items() if value is not None}
    if accepted is not None:
        age = (uses_of(request).now() - view.row.created_at).total_seconds()
        fields["Retry-After"] = str(retry_after(age))
    return JSONResponse(document.model_dump(mode="json"), int(accepted or 200), fields)


def retry_after(age: float) -> int:
    """Return the seconds until another look at a run of this age (seconds) is worth its cost."""
    for younger, seconds in ((10, 1), (60, 2), (600, 5)):
        if age < younger:
            return seconds
    return 15
