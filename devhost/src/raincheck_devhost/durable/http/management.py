"""Routes of the management API: HttpApiHandler of the extension."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from raincheck_devhost.durable.http import responses
from raincheck_devhost.durable.http.instance_requests import InstanceRequests
from raincheck_devhost.durable.http.list_requests import listed, purged
from raincheck_devhost.durable.http.start_requests import StartRequests
from raincheck_devhost.durable.runtime.refusals import AlreadyExists, NotFound, Refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from raincheck_devhost.durable.http.links import Links
    from raincheck_devhost.durable.runtime.engine import DurableEngine

_HUB_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{2,44}")
_NO_ENTITIES = "devhost has no entities"


class Management:
    """Answers any request below the base; paths and query names are case-insensitive."""

    def __init__(self, engine: DurableEngine, links: Links) -> None:
        self._engine = engine
        self._starts = StartRequests(engine.client, links)
        self._instances = InstanceRequests(engine.client, links)
        self._links = links

    async def answer(self, request: Request, path: str) -> Response:
        """Answer one request; `path` is what follows the base."""
        query = {key.casefold(): value for key, value in request.query_params.multi_items()[::-1]}
        elsewhere = self._elsewhere(query)
        if elsewhere is not None:
            return elsewhere
        try:
            # The extension decodes paths as it does forms: a plus is a blank, encoded or not.
            return await self._routed(request, path.replace("+", " ").strip("/").split("/"), query)
        except NotFound:
            return responses.empty(404)
        except AlreadyExists as refusal:
            return responses.message(409, str(refusal))
        except Refusal as refusal:
            return responses.went_wrong("System.InvalidOperationException", str(refusal))

    async def _routed(self, request: Request, parts: list[str], query: dict[str, str]) -> Response:
        head, method, rest = parts[0].casefold(), request.method, parts[1:]
        if head == "orchestrators" and len(rest) in (1, 2) and method == "POST":
            return await self._starts.start(request, rest[0], rest[1] if len(rest) > 1 else None, query)
        if head == "entities":
            return responses.message(501, _NO_ENTITIES)
        if head != "instances":
            return responses.empty(404)
        if not rest:
            return await self._all(request, query)
        if len(rest) == 1:
            return await self._one(request, rest[0], query)
        return await self._operation(request, rest, query)

    async def _all(self, request: Request, query: dict[str, str]) -> Response:
        if request.method == "GET":
            return await listed(self._engine.client, request, query)
        if request.method == "DELETE":
            return await purged(self._engine.client, request, query)
        return responses.empty(404)

    async def _one(self, request: Request, instance_id: str, query: dict[str, str]) -> Response:
        if request.method == "GET":
            return await self._instances.status(request, instance_id, query)
        if request.method == "DELETE":
            return await self._instances.purge(instance_id)
        return responses.empty(404)

    async def _operation(self, request: Request, rest: list[str], query: dict[str, str]) -> Response:
        instance_id, operation = rest[0], rest[1].casefold()
        if request.method != "POST":
            return responses.empty(404)
        if len(rest) > 2:  # noqa: PLR2004 - only raiseEvent has one more: the event's name
            if operation != "raiseevent" or len(rest) > 3:  # noqa: PLR2004 - as above
                return responses.empty(404)
            return await self._instances.raise_event(request, instance_id, rest[2])
        if operation == "restart":
            return await self._starts.restart(request, instance_id, query)
        operations: dict[str, Callable[[str, dict[str, str]], Awaitable[Response]]] = {
            "terminate": self._instances.terminate,
            "suspend": self._instances.suspend,
            "resume": self._instances.resume,
            "rewind": self._instances.rewind,
        }
        handler = operations.get(operation)
        return responses.empty(404) if handler is None else await handler(instance_id, query)

    def _elsewhere(self, query: dict[str, str]) -> Response | None:
        hub = query.get("taskhub") or self._links.hub_name
        connection = query.get("connection") or self._links.connection_name
        if connection.casefold() not in (self._links.connection_name.casefold(), "azurewebjobsstorage"):
            what = f"Unable to resolve the Azure Storage connection named '{connection}'."
            return responses.went_wrong("System.InvalidOperationException", what)
        if hub.casefold() == self._links.hub_name.casefold():
            return None
        if not _HUB_NAME.fullmatch(hub):
            kind = "DurableTask.AzureStorage.Storage.DurableTaskStorageException"
            return responses.went_wrong(kind, "An error occurred while communicating with Azure Storage")
        return responses.empty(404)
