"""The keyed face for whoever runs the app: which runs there are, how each stands, and stopping one."""

import asyncio
from datetime import UTC, datetime, timedelta

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from raincheck.errors import RequestError
from raincheck.run_ids import is_run_id
from raincheck.service.cancel import cancel_run
from raincheck.service.ports import RunRow
from raincheck.service.run_pages import RunFilter, read_page
from raincheck.service.services import Services
from raincheck.service.views import views_of
from raincheck.web.status_responses import accepted_status, document_of, status_answer

__all__ = ["router"]

READ_AT_ONCE = 8
SINCE = timedelta(days=30)


def router(services: Services) -> APIRouter:
    """Build the routes."""
    routes = APIRouter()

    @routes.api_route("/manage/runs", methods=["GET", "HEAD"])
    async def list_runs(
        request: Request,
        flow: str | None = None,
        conversation_id: str | None = None,
        since: str | None = None,
        page: str | None = None,
    ) -> Response:
        wanted = RunFilter(flow, conversation_id, _since(services, since))
        rows, following = await read_page(services.index, wanted, page, today=services.clock())
        views = views_of(services, request)
        at_once = asyncio.Semaphore(READ_AT_ONCE)

        async def shown(row: RunRow) -> dict[str, object]:
            async with at_once:
                document = document_of(services, request, await views.read(row))
            return document.model_dump(mode="json", exclude={"result"})

        runs = await asyncio.gather(*(shown(row) for row in rows))
        return JSONResponse({"runs": runs, "next_page": following})

    @routes.api_route("/manage/runs/{run_id}", methods=["GET", "HEAD"])
    async def show_run(run_id: str, request: Request) -> Response:
        row = await _row(services, run_id)
        view = await views_of(services, request).read(row)
        return JSONResponse(document_of(services, request, view).model_dump(mode="json"))

    @routes.post("/manage/runs/{run_id}/cancel")
    async def cancel(run_id: str, request: Request) -> Response:
        accepted = accepted_status(request)
        row = await _row(services, run_id)
        view = await cancel_run(services, request, row)
        return status_answer(
            document_of(services, request, view),
            accepted=accepted if view.outcome is None else None,
            age=(services.clock() - row.created_at).total_seconds(),
        )

    return routes


async def _row(services: Services, run_id: str) -> RunRow:
    row = await services.runs.get(run_id) if is_run_id(run_id) else None
    if row is None:
        raise RequestError(404, "run_not_found", "There is no run of that id.")
    return row


def _since(services: Services, text: str | None) -> datetime:
    if text is None:
        return services.clock() - SINCE
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        message = "since is a date or a time, e.g. 2026-11-21 or 2026-11-21T08:00:00Z."
        raise RequestError(
            422, "invalid_request", message, errors=[{"path": "since", "message": message}]
        ) from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
