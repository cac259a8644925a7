"""Which flows there are, and starting them."""

import logging
from typing import Any

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from raincheck.errors import RequestError
from raincheck.flow import Flow
from raincheck.models import Progress, StartRequest, StatusDocument
from raincheck.outcomes import RunStatus
from raincheck.service.keys import IdempotencyKey
from raincheck.service.start import CheckedStart, Started
from raincheck.service.status import CallerGone, RunView
from raincheck.service.use_cases import UseCases
from raincheck.shape import unfit
from raincheck.web.body import beside_the_loop, read_body, read_json
from raincheck.web.native.prefer import Preferences
from raincheck.web.native.response_modes import ResponseMode, response_mode
from raincheck.web.native.status_responses import AcceptedStatus, document_response
from raincheck.web.principal import principal_of
from raincheck.web.scope import gone, uses_of
from raincheck.web.urls import base_url, documents_of

__all__ = ["routes"]

_LOG = logging.getLogger(__name__)
routes = APIRouter()


@routes.api_route("/flows", methods=["GET", "HEAD"])
async def list_flows(request: Request) -> Response:
    """List the flows."""
    flows = sorted(uses_of(request).registry.flows.items())
    return JSONResponse({"flows": [_description(flow) for _, flow in flows]})


@routes.api_route("/flows/{name}", methods=["GET", "HEAD"])
async def show_flow(name: str, request: Request) -> Response:
    """Describe a flow."""
    return JSONResponse(_description(_find(uses_of(request), name)))


@routes.post("/flows/{name}/runs")
async def start_run(name: str, request: Request, accepted_status: AcceptedStatus = "202") -> Response:
    """Start a run, wait as far as wanted, and answer. Once a run is started no answer is a 5xx."""
    uses = uses_of(request)
    arrived_at = uses.monotonic()
    body = await read_body(request)
    flow = _find(uses, name)
    checked, key = await beside_the_loop(body, lambda: _checked(request, flow, body))
    limit = min(checked.profile.wait, uses.settings.wait_limit)
    preferences = Preferences.parse(request.headers.getlist("prefer"))
    mode = response_mode(flow, preferences, background=checked.request.background, limit=limit)
    started = await uses.start.start(
        checked, base_url=base_url(request), key=key, principal=principal_of(request)
    )
    view = await _watched(request, started, seconds=min(mode.wait, arrived_at + limit - uses.monotonic()))
    return _response(request, flow, view, mode, started=started, accepted=accepted_status)


def _checked(
    request: Request, flow: Flow[Any, Any], body: bytes
) -> tuple[CheckedStart, IdempotencyKey | None]:
    document = read_json(request, body)
    checked = uses_of(request).start.check(flow, _start_request(document))
    keys = request.headers.getlist("idempotency-key")
    return checked, IdempotencyKey.of(keys, flow.name, document, principal=principal_of(request))


async def _watched(request: Request, started: Started, *, seconds: float) -> RunView:
    """Return how the run stands when it has ended, or when the seconds are over."""
    uses = uses_of(request)
    view = RunView.unstarted(started.row)
    try:
        if started.replayed:  # it may have ended long ago
            view = await uses.status.read(started.row)
        if view.goes_on:
            view = await uses.status.watch(view, until=_has_stopped, seconds=seconds, gone=gone(request))
    except CallerGone:
        raise
    except Exception:  # noqa: BLE001 - an error of whatever kind must not make the caller start again
        _LOG.exception("run %s was started, and its status can't be told", started.row.run_id)
    return view


def _response(
    request: Request,
    flow: Flow[Any, Any],
    view: RunView,
    mode: ResponseMode,
    *,
    started: Started,
    accepted: str,
) -> Response:
    document = documents_of(request).of(view)
    replayed = "true" if started.replayed else None
    headers = {"Preference-Applied": mode.applied, "Idempotency-Replayed": replayed}
    if not view.goes_on:
        return document_response(request, view, document, accepted=None, headers=headers)
    if not uses_of(request).settings.async_responses:
        completed = _completed(document, flow)
        return document_response(request, view, completed, accepted=None, headers=headers)
    headers |= {
        "Location": document.status_url,
        "Operation-Location": document.status_url,
        "Raincheck-Deadline": "exceeded" if mode.deadline else None,
    }
    return document_response(request, view, document, accepted=accepted, headers=headers)


def _start_request(document: Any) -> StartRequest:
    try:
        return StartRequest.model_validate(document, strict=True)
    except ValidationError as error:
        raise unfit(error) from None


def _has_stopped(view: RunView) -> bool:
    return not view.goes_on


def _completed(document: StatusDocument, flow: Flow[Any, Any]) -> StatusDocument:
    """Return what a caller gets who can't come back: as good as completed, the flow goes on by itself."""
    return document.model_copy(
        update={
            "status": RunStatus.SUCCEEDED,
            "continuation_token": None,
            "cancel_url": None,
            "progress": Progress(message=flow.acknowledge) if flow.acknowledge else None,
        }
    )


def _find(uses: UseCases, name: str) -> Flow[Any, Any]:
    flow = uses.registry.flows.get(name)
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
