"""What a token opens: collect the run, cancel it."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from raincheck.service.status import RunView
from raincheck.web.native.prefer import Preferences
from raincheck.web.native.status_responses import AcceptedStatus, status_response
from raincheck.web.scope import gone, uses_of

__all__ = ["routes"]

routes = APIRouter()


@routes.api_route("/runs/{token}", methods=["GET", "HEAD"])
async def collect(token: str, request: Request, accepted_status: AcceptedStatus = "202") -> Response:
    """Show how the run stands; `Prefer: wait=N` holds the answer until something has changed."""
    uses = uses_of(request)
    opened, row = await uses.status.open(token, "read")
    view = first = await uses.status.read(row)
    wait = Preferences.parse(request.headers.getlist("prefer")).wait
    applied = None
    if wait is not None:
        seconds = min(wait, uses.settings.wait_limit)
        applied = f"wait={int(seconds)}"
        if first.goes_on:
            view = await uses.status.watch(
                first, until=lambda now: _shown(now) != _shown(first), seconds=seconds, gone=gone(request)
            )
    accepted = accepted_status if view.goes_on else None
    headers = {"Preference-Applied": applied}
    return status_response(request, view, opened.position, opened=opened, accepted=accepted, headers=headers)


@routes.post("/runs/{token}/cancel")
async def cancel(token: str, request: Request, accepted_status: AcceptedStatus = "202") -> Response:
    """Ask the run to stop; nothing changes where it has ended."""
    uses = uses_of(request)
    opened, row = await uses.status.open(token, "cancel")
    view = await uses.cancel.cancel(row)
    accepted = accepted_status if view.outcome is None else None
    return status_response(request, view, opened=opened, accepted=accepted)


def _shown(view: RunView) -> tuple[object, ...]:
    """Return what counts as a change."""
    return view.status, view.progress, view.questions
