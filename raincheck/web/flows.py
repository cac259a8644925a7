"""The keyed face: which flows there are, and starting them."""

import logging
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from raincheck.errors import RequestError
from raincheck.flow import Flow
from raincheck.models import Progress, StatusDocument
from raincheck.outcomes import RunStatus
from raincheck.service.services import Services, orchestrations_of
from raincheck.service.start import start
from raincheck.service.start_request import CheckedStart, check_start
from raincheck.service.status import RunView
from raincheck.service.views import views_of
from raincheck.service.waiting import ClientGone, watch
from raincheck.web.body import read_body, read_json
from raincheck.web.prefer import Preferences
from raincheck.web.response_modes import ResponseMode, response_mode
from raincheck.web.status_responses import accepted_status, document_of, goes_on, status_answer
from raincheck.web.urls import base_url

__all__ = ["router"]

_LOG = logging.getLogger(__name__)


def router(services: Services) -> APIRouter:
    """Build the routes."""
    routes = APIRouter()

    @routes.api_route("/flows", methods=["GET", "HEAD"])
    async def list_flows() -> Response:
        flows = sorted(services.registry.flows.items())
        return JSONResponse({"flows": [_description(flow) for _, flow in flows]})

    @routes.api_route("/flows/{name}", methods=["GET", "HEAD"])
    async def show_flow(name: str) -> Response:
        return JSONResponse(_description(_find(services, name)))

    @routes.post("/flows/{name}/runs")
    async def start_run(name: str, request: Request) -> Response:
        arrived_at = services.monotonic()
        accepted = accepted_status(request)
        body = await read_body(request)
        flow = _find(services, name)
        keys = request.headers.getlist("idempotency-key")
        checked = check_start(services, flow, read_json(request, body), idempotency_keys=keys)
        preferences = Preferences.parse(request.headers.getlist("prefer"))
        limit = checked.longest_wait(services.settings)
        mode = response_mode(flow, preferences, background=checked.request.background, limit=limit)
        answer_by = arrived_at + limit
        return await _started(services, request, checked, mode, accepted=accepted, answer_by=answer_by)

    return routes


async def _started(
    services: Services,
    request: Request,
    checked: CheckedStart,
    mode: ResponseMode,
    *,
    accepted: int,
    answer_by: float,
) -> Response:
    """Start, wait as far as wanted, and answer. Once a run is started no answer is a 5xx."""
    base = base_url(request, services.settings)
    started = await start(services, orchestrations_of(request), checked, base)
    row = started.row
    view = RunView.unstarted(row)
    try:
        views = views_of(services, request)
        if started.replayed:  # it may have ended long ago
            view = await views.read(row)
        if goes_on(view):
            seconds = min(mode.wait, answer_by - services.monotonic())
            view = await watch(services, request, views, view, until=_arrived, seconds=seconds)
    except ClientGone:
        raise
    except Exception:  # noqa: BLE001 - an error of whatever kind must not make the caller start again
        _LOG.exception("run %s was started, and its status can't be told", row.run_id)
    document = document_of(services, request, view)
    age = (services.clock() - row.created_at).total_seconds()
    replayed = "true" if started.replayed else None
    headers = {"Preference-Applied": mode.applied, "Idempotency-Replayed": replayed}
    if not goes_on(view):
        return status_answer(document, accepted=None, age=age, headers=headers)
    if not services.settings.async_responses:
        return status_answer(_completed(document, checked.flow), accepted=None, age=age, headers=headers)
    headers |= {
        "Location": document.status_url,
        "Operation-Location": document.status_url,
        "Raincheck-Deadline": "exceeded" if mode.deadline else None,
    }
    return status_answer(document, accepted=accepted, age=age, headers=headers)


def _arrived(view: RunView) -> bool:
    return not goes_on(view)


def _completed(document: StatusDocument, flow: Flow[Any, Any]) -> StatusDocument:
    """What a caller gets who can't come back: the flow is as good as completed, and goes on by itself."""
    return document.model_copy(
        update={
            "status": RunStatus.SUCCEEDED,
            "continuation_token": None,
            "cancel_url": None,
            "progress": Progress(message=flow.acknowledge) if flow.acknowledge else None,
        }
    )


def _find(services: Services, name: str) -> Flow[Any, Any]:
    flow = services.registry.flows.get(name)
    if flow is None:
        raise RequestError(404, "flow_not_found", "There is no flow of that name.")
    return flow


def _description(flow: Flow[Any, Any]) -> dict[str, Any]:
    return {
        "name": flow.name,
        "version": flow.version,
        "description": flow.description,
        "acknowledge": flow.acknowledge,
        "mode": flow.mode,
        "wait": flow.wait,
        "on_newer": flow.on_newer or "finish",
        "input_schema": flow.input.json_schema("validation"),
        "result_schema": flow.result.json_schema("serialization"),
    }
