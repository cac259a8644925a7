"""The open face: what a token opens. Collect the run, follow it, cancel it."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from raincheck.events import START, Position
from raincheck.service.cancel import cancel_run
from raincheck.service.events import RunEvents
from raincheck.service.services import Services
from raincheck.service.status import RunView
from raincheck.service.views import open_run, views_of
from raincheck.service.waiting import watch
from raincheck.web.follow import event_page, event_stream, start_of, wants_page
from raincheck.web.prefer import Preferences
from raincheck.web.status_responses import accepted_status, document_of, goes_on, status_answer

__all__ = ["router"]


def router(services: Services) -> APIRouter:
    """Build the routes."""
    routes = APIRouter()

    @routes.api_route("/runs/{token}", methods=["GET", "HEAD"])
    async def collect(token: str, request: Request) -> Response:
        opened, row = await open_run(services, token, "read")
        accepted = accepted_status(request)
        views = views_of(services, request)
        view = first = await views.read(row)
        wait = Preferences.parse(request.headers.getlist("prefer")).wait
        applied = None
        if wait is not None:
            seconds = min(wait, services.settings.wait_limit)
            applied = f"wait={int(seconds)}"
            if goes_on(first):
                view = await watch(
                    services,
                    request,
                    views,
                    first,
                    until=lambda now: _shown(now) != _shown(first),
                    seconds=seconds,
                )
        return _answer(services, request, view, opened.position, accepted=accepted, applied=applied)

    @routes.api_route("/runs/{token}/events", methods=["GET", "HEAD"])
    async def follow(token: str, request: Request) -> Response:
        opened, row = await open_run(services, token, "read")
        start = start_of(request, opened)
        events = RunEvents(services.events, views_of(services, request), row, services.monotonic)
        answer = event_page if wants_page(request) else event_stream
        return await answer(services, request, events, opened, start)

    @routes.post("/runs/{token}/cancel")
    async def cancel(token: str, request: Request) -> Response:
        _, row = await open_run(services, token, "cancel")
        accepted = accepted_status(request)
        view = await cancel_run(services, request, row)
        return _answer(services, request, view, START, accepted=accepted, until_ended=True)

    return routes


def _shown(view: RunView) -> tuple[object, ...]:
    """Return what counts as a change."""
    return view.status, view.progress, view.questions


def _answer(
    services: Services,
    request: Request,
    view: RunView,
    position: Position,
    *,
    accepted: int,
    applied: str | None = None,
    until_ended: bool = False,
) -> Response:
    pending = view.outcome is None if until_ended else goes_on(view)
    return status_answer(
        document_of(services, request, view, position),
        accepted=accepted if pending else None,
        age=(services.clock() - view.row.created_at).total_seconds(),
        headers={"Preference-Applied": applied},
    )
