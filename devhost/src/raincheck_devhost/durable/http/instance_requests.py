"""Asking for and acting on one instance over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from raincheck_devhost.durable.http import responses
from raincheck_devhost.durable.http.links import requested
from raincheck_devhost.durable.http.status import DuplicateEvent, shown_history, status_document
from raincheck_devhost.durable.protocol.lenient_json import recompacted
from raincheck_devhost.durable.runtime.refusals import Gone, NotFound, NotPurgeable

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from raincheck_devhost.durable.http.links import Links
    from raincheck_devhost.durable.runtime.client import Client

_RETRY_AFTER = "5"
_BAD_ARGUMENT = "One or more of the arguments submitted is incorrect"
_NO_REWIND = "devhost can't rewind; start the orchestration again instead"


class InstanceRequests:
    """Refusals that all operations share are answered by the caller: 404, 409 and 500."""

    def __init__(self, client: Client, links: Links) -> None:
        self._client, self._links = client, links

    async def status(self, request: Request, instance_id: str, query: dict[str, str]) -> Response:
        """Return the status document: 202 while it runs, 200 (or 500, if asked) when it has ended."""
        row = await self._client.find(instance_id)
        if row is None:
            return responses.empty(404)
        show_input = truth(query.get("showinput"), default=True)
        history = None
        if truth(query.get("showhistory")) and row.status != "Pending":
            events = await self._client.history(instance_id)
            show_output = truth(query.get("showhistoryoutput"))
            try:
                history = shown_history(events, show_output=show_output, show_input=show_input)
            except DuplicateEvent as error:
                return responses.exception(400, _BAD_ARGUMENT, "System.ArgumentException", str(error))
        document = status_document(row, history, show_input=show_input)
        if not row.ended:
            return responses.document(
                202, document, {"Location": requested(request), "Retry-After": _RETRY_AFTER}
            )
        as_error = row.status == "Failed" and truth(query.get("returninternalservererroronfailure"))
        return responses.document(500 if as_error else 200, document)

    async def raise_event(self, request: Request, instance_id: str, name: str) -> Response:
        """Raise an event; the body is its data, JSON, and says so."""
        row = await self._client.find(instance_id)
        if row is None or row.ended:
            return responses.empty(404 if row is None else 410)
        media_type = request.headers.get("content-type", "").partition(";")[0].strip()
        if media_type.casefold() != "application/json":
            return responses.message(400, "Only application/json request content is supported")
        text = (await request.body()).decode("utf-8", "replace")
        try:
            data = recompacted(text)
        except ValueError as error:
            return responses.invalid_json(error)
        try:
            await self._client.raise_event(instance_id, name, data)
        except Gone:
            return responses.empty(410)
        return responses.empty(202)

    async def terminate(self, instance_id: str, query: dict[str, str]) -> Response:
        """Terminate the instance."""
        try:
            await self._client.terminate(instance_id, query.get("reason"))
        except Gone:
            return responses.empty(410)
        return responses.empty(202)

    async def suspend(self, instance_id: str, query: dict[str, str]) -> Response:
        """Suspend the instance."""
        try:
            await self._client.suspend(instance_id, query.get("reason"))
        except Gone:
            return responses.empty(410)
        return responses.empty(202)

    async def resume(self, instance_id: str, query: dict[str, str]) -> Response:
        """Resume the instance."""
        try:
            await self._client.resume(instance_id, query.get("reason"))
        except Gone:
            return responses.empty(410)
        return responses.empty(202)

    async def rewind(self, instance_id: str, query: dict[str, str]) -> Response:
        """Refuse: what can't be rewound as the extension does, the rest because devhost doesn't."""
        del query
        row = await self._client.find(instance_id)
        if row is None:
            return responses.document(404, f'No orchestration with instance ID "${instance_id}" found.')
        if row.status != "Failed":
            return responses.document(
                412,
                f"This orchestration has status {row.status}, but only orchestrations in the "
                '"Failed" state can be rewound.',
            )
        return responses.document(501, _NO_REWIND)

    async def purge(self, instance_id: str) -> Response:
        """Delete an instance that has ended."""
        try:
            await self._client.purge(instance_id)
        except NotFound:
            return responses.empty(404)
        except NotPurgeable as refusal:
            return responses.document(412, str(refusal))
        return responses.document(200, {"instancesDeleted": 1})


def truth(text: str | None, *, default: bool = False) -> bool:
    """Read a boolean of a query; what is none counts as not given."""
    words = {"true": True, "false": False}
    return words.get((text or "").strip().casefold(), default)
