"""Listing and purging many instances over HTTP. Filters that can't be read are ignored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from raincheck_devhost.durable.http import responses
from raincheck_devhost.durable.http.instance_requests import truth
from raincheck_devhost.durable.http.status import status_document
from raincheck_devhost.durable.protocol.timestamps import parsed
from raincheck_devhost.durable.storage.queries import InstanceQuery

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from raincheck_devhost.durable.runtime.client import Client

_TOKEN = "x-ms-continuation-token"  # noqa: S105 - a header's name
_STATUSES = {
    status.casefold(): status
    for status in (
        "Running",
        "Completed",
        "ContinuedAsNew",
        "Failed",
        "Canceled",
        "Terminated",
        "Pending",
        "Suspended",
    )
}
_PAGE = 100


async def listed(client: Client, request: Request, query: dict[str, str]) -> Response:
    """Return a page of status documents; the header holds the token for more."""
    page = await client.query(_filter(request, query, top=_top(query.get("top"))))
    show_input = truth(query.get("showinput"), default=True)
    documents = [status_document(row, show_input=show_input) for row in page.instances]
    return responses.document(200, documents, {_TOKEN: page.token})


async def purged(client: Client, request: Request, query: dict[str, str]) -> Response:
    """Delete what matches and has ended; `createdTimeFrom` must be given."""
    if _time(query.get("createdtimefrom")) is None:
        return responses.document(400, "Please provide value for 'createdTimeFrom' parameter.")
    deleted = await client.purge_matching(_filter(request, query))
    return responses.document(200, {"instancesDeleted": deleted}) if deleted else responses.empty(404)


def _filter(request: Request, query: dict[str, str], *, top: int = _PAGE) -> InstanceQuery:
    texts = [
        value
        for key, values in request.query_params.multi_items()
        if key.casefold() == "runtimestatus"
        for value in values.split(",")
    ]
    statuses = (_STATUSES.get(each.strip().casefold()) for each in texts)
    return InstanceQuery(
        prefix=query.get("instanceidprefix", ""),
        statuses=frozenset(status for status in statuses if status),
        created_from=_time(query.get("createdtimefrom")),
        created_to=_time(query.get("createdtimeto")),
        top=top,
        token=request.headers.get(_TOKEN, ""),
    )


def _time(text: str | None) -> datetime | None:
    try:
        return parsed(text) if text else None
    except ValueError:
        return None


def _top(text: str | None) -> int:
    try:
        return _PAGE if text is None else max(0, int(text))
    except ValueError:
        return _PAGE
