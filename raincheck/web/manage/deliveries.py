"""Which deliveries there are, and delivering anew what failed for good."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from raincheck.errors import RequestError
from raincheck.service.deliveries import DeliveryRow, DeliveryState, delivery_of
from raincheck.web.scope import uses_of

__all__ = ["routes"]

State = Annotated[DeliveryState | None, Query()]
routes = APIRouter()


@routes.api_route("/manage/deliveries", methods=["GET", "HEAD"])
async def list_deliveries(request: Request, state: State = None, page: str | None = None) -> Response:
    """List deliveries, the oldest day first."""
    read = await uses_of(request).deliveries.page(state, start=page)
    return JSONResponse({"deliveries": [_shown(row) for row in read.rows], "next_page": read.next})


@routes.post("/manage/deliveries/{delivery_id}/redeliver")
async def redeliver(delivery_id: str, request: Request) -> Response:
    """Deliver anew what failed for good or was dropped."""
    uses = uses_of(request)
    delivery = delivery_of(delivery_id)
    row = None if delivery is None else await uses.deliveries.get(delivery)
    if delivery is None or row is None:
        raise RequestError(404, "delivery_not_found", "There is no delivery of that id.")
    if not await uses.outbox.redeliver(delivery):
        raise RequestError(409, "not_given_up", f"The delivery is {row.state}: nothing was given up.")
    again = await uses.deliveries.get(delivery)
    return JSONResponse(_shown(again or row), 202)


def _shown(row: DeliveryRow) -> dict[str, Any]:
    """Show it without its URL, which may hold a signature."""
    delivery = row.delivery
    return {
        "id": delivery.id,
        "run_id": delivery.run_id,
        "event": delivery.event,
        "request_id": delivery.request_id,
        "state": row.state,
        "attempts": row.attempts,
        "status": row.status,
        "detail": row.detail,
        "created_at": row.created_at.isoformat(),
        "updated_at": row.updated_at.isoformat(),
    }
