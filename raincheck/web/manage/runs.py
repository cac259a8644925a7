"""Which runs there are, how each stands, and stopping one."""

import asyncio
from datetime import UTC, datetime, timedelta

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from raincheck.errors import RequestError
from raincheck.service.runs import RunFilter, RunRow
from raincheck.web.native.status_responses import AcceptedStatus, status_response
from raincheck.web.scope import uses_of
from raincheck.web.urls import documents_of

__all__ = ["routes"]

READ_AT_ONCE = 8
SINCE = timedelta(days=30)
routes = APIRouter()


@routes.api_route("/manage/runs", methods=["GET", "HEAD"])
async def list_runs(
    request: Request,
    flow: str | None = None,
    conversation_id: str | None = None,
    since: str | None = None,
    page: str | None = None,
) -> Response:
    """List runs, the newest first."""
    uses, documents = uses_of(request), documents_of(request)
    now = uses.now()
    wanted = RunFilter(flow, conversation_id, _time(since) if since is not None else now - SINCE)
    rows, following = await uses.runs.page(wanted, page, today=now)
    at_once = asyncio.Semaphore(READ_AT_ONCE)

    async def shown(row: RunRow) -> dict[str, object]:
        async with at_once:
            view = await uses.status.read(row)
        return documents.of(view).model_dump(mode="json", exclude={"result"})

    runs = await asyncio.gather(*(shown(row) for row in rows))
    return JSONResponse({"runs": runs, "next_page": following})


@routes.api_route("/manage/runs/{run_id}", methods=["GET", "HEAD"])
async def show_run(run_id: str, request: Request) -> Response:
    """Show how a run stands."""
    uses = uses_of(request)
    view = await uses.status.read(await uses.runs.find(run_id))
    return status_response(request, view, accepted=None)


@routes.post("/manage/runs/{run_id}/cancel")
async def cancel(run_id: str, request: Request, accepted_status: AcceptedStatus = "202") -> Response:
    """Ask a run to stop; nothing changes where it has ended."""
    uses = uses_of(request)
    view = await uses.cancel.cancel(await uses.runs.find(run_id))
    return status_response(request, view, accepted=accepted_status if view.outcome is None else None)


def _time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        message = "since is a date or a time, e.g. 2026-11-21 or 2026-11-21T08:00:00Z."
        raise RequestError.invalid("since", message) from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
