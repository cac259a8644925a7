"""The keyed face for deliveries: which there are, and delivering anew what was given up."""

from typing import Any, get_args

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from raincheck.errors import RequestError
from raincheck.service.deliveries import DeliveryRow, DeliveryState, delivery_of
from raincheck.service.services import Services, orchestrations_of

__all__ = ["router"]

_STATES = get_args(DeliveryState)


def router(services: Services) -> APIRouter:
    """Build the routes."""
    routes = APIRouter()

    @routes.api_route("/manage/deliveries", methods=["GET", "HEAD"])
    async def list_deliveries(state: str | None = None, page: str | None = None) -> Response:
        read = await services.deliveries.page(_state(state), start=page)
        return JSONResponse({"deliveries": [_shown(row) for row in read.rows], "next_page": read.next})

    @routes.post("/manage/deliveries/{delivery_id}/redeliver")
    async def redeliver(delivery_id: str, request: Request) -> Response:
        delivery = delivery_of(delivery_id)
        row = None if delivery is None else await services.deliveries.get(delivery)
        if delivery is None or row is None:
            raise RequestError(404, "delivery_not_found", "There is no delivery of that id.")
        if not await services.redeliver(delivery, orchestrations_of(request)):
            raise RequestError(409, "not_given_up", f"The delivery is {row.state}: nothing was given up.")
        again = await services.deliveries.get(delivery)
        return JSONResponse(_shown(again or row), 202)

    return routes


def _state(text: str | None) -> DeliveryState | None:
    for state in _STATES:
        if text == state:
            found: DeliveryState = state
            return found
    if text is None:
        return None
    message = f"state is one of {', '.join(_STATES)}."
    raise RequestError(422, "invalid_request", message, errors=[{"path": "state", "message": message}])


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
