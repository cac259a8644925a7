"""What tests of event logs share: reading all of one, and a wire that loses requests and answers."""

from collections.abc import Callable
from typing import Any

from azure.core.exceptions import ServiceRequestError, ServiceResponseError
from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import AsyncHTTPPolicy

from raincheck.adapters.event_log import BlobEventLog
from raincheck.events import Event, Position, StoredEvent

DONE = Event("run.succeeded", {"result": None})


def delta(text: str) -> Event:
    return Event("output.text.delta", {"text": text})


def texts(events: list[StoredEvent]) -> list[str]:
    return [event.fields["text"] for event in events if event.type == "output.text.delta"]


async def everything(log: BlobEventLog, run_id: str, *, limit: int = 1000) -> list[StoredEvent]:
    """Read a log page by page, and check that its numbers have no gap."""
    events: list[StoredEvent] = []
    position = Position()
    while True:
        page = await log.read(run_id, position, limit=limit)
        events += page.events
        if not page.events:
            break
        position = page.next
    assert [event.sequence_number for event in events] == list(range(len(events)))
    return events


class Wire(AsyncHTTPPolicy[Any, Any]):
    """Loses what `fate` says of a request: `request`, `answer`, or nothing (None)."""

    def __init__(self, fate: Callable[[Any], str | None]) -> None:
        super().__init__()
        self.fate = fate
        self.lost = 0

    async def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        """Lose the request, or its answer, or nothing."""
        fate = self.fate(request.http_request)
        if fate is not None:
            self.lost += 1
        if fate == "request":
            raise ServiceRequestError("lost on its way")
        response = await self.next.send(request)
        if fate == "answer":
            raise ServiceResponseError("lost on its way back")
        return response


def is_append(request: Any) -> bool:
    return "comp=appendblock" in request.url


def is_seal(request: Any) -> bool:
    return "comp=seal" in request.url
