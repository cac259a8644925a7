"""Starting and restarting over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from raincheck_devhost.durable.http import responses
from raincheck_devhost.durable.http.links import origin_of
from raincheck_devhost.durable.http.status import shown, status_document
from raincheck_devhost.durable.protocol.lenient_json import lenient_value
from raincheck_devhost.durable.runtime.refusals import NotFound

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from raincheck_devhost.durable.http.links import Links
    from raincheck_devhost.durable.runtime.client import Client

_RETRY_AFTER = "10"
_NO_INSTANCE = "InstanceId does not match a valid orchestration instance."


class StartRequests:
    """Answers with the links of the instance, or, asked to wait, with its output."""

    def __init__(self, client: Client, links: Links) -> None:
        self._client, self._links = client, links

    async def start(
        self, request: Request, name: str, instance_id: str | None, query: dict[str, str]
    ) -> Response:
        """Start an orchestration. The body is its input, JSON; nothing or `null` for none."""
        text = (await request.body()).decode("utf-8", "replace")
        try:
            value = text if text and lenient_value(text) is not None else None
        except ValueError as error:
            return responses.invalid_json(error)
        started = await self._client.start(name, instance_id, value)
        return await self._answer(request, started, query)

    async def restart(self, request: Request, instance_id: str, query: dict[str, str]) -> Response:
        """Start it again, under a new id unless told otherwise."""
        new_id = query.get("restartwithnewinstanceid", "").casefold() != "false"
        try:
            restarted = await self._client.restart(instance_id, new_id=new_id)
        except NotFound as refusal:
            what = f"{str(refusal).replace(chr(10), ' ')} (Parameter 'instanceId')"
            return responses.exception(400, _NO_INSTANCE, "System.ArgumentException", what)
        return await self._answer(request, restarted, query)

    async def _answer(self, request: Request, instance_id: str, query: dict[str, str]) -> Response:
        timeout, interval = _seconds(query.get("timeout")), _seconds(query.get("pollinginterval"))
        if timeout is not None and interval is not None:
            if interval > timeout:
                what = f"Total timeout {timeout:g} should be bigger than retry timeout {interval:g}"
                text = "One or more of the arguments submitted is incorrect"
                return responses.exception(400, text, "System.ArgumentException", what)
            row = await self._client.wait_for_end(instance_id, timeout)
            if row is not None and row.status == "Completed":
                return responses.document(200, shown(row.output))
            if row is not None and row.ended:
                return responses.document(200, status_document(row))
        links = self._links.of_instance(origin_of(request), instance_id)
        headers = {"Location": links["statusQueryGetUri"], "Retry-After": _RETRY_AFTER}
        return responses.document(202, links, headers)


def _seconds(text: str | None) -> float | None:
    try:
        return None if text is None else max(0.0, float(text))
    except ValueError:
        return None
