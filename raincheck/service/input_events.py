"""What a follower is told of questions: `run.input_required`, which no log has and which has no number."""

from typing import Any

from starlette.requests import Request

from raincheck.errors import RequestError
from raincheck.events import Position
from raincheck.outcomes import RunStatus
from raincheck.service.documents import StatusDocuments
from raincheck.service.services import Services
from raincheck.service.status import RunView
from raincheck.web.urls import base_url

__all__ = ["InputEvents"]


class InputEvents:
    """For one reader. `end_there` is whether the caller wants the answer to end with it (`?until=input`).

    Raises:
        RequestError: 422; `until` is something else.
    """

    def __init__(self, services: Services, request: Request) -> None:
        until = request.query_params.get("until")
        if until not in {None, "input"}:
            message = "until is input, or left out."
            raise RequestError(
                422, "invalid_request", message, errors=[{"path": "until", "message": message}]
            )
        self.end_there = until == "input"
        self._tokens = services.tokens
        self._documents = StatusDocuments(
            services.tokens, base_url(request, services.settings) + services.route_prefix
        )
        self._told: set[str] = set()

    def of(self, view: RunView | None, position: Position) -> dict[str, Any] | None:
        """Return the event of a run that waits for input; None where it doesn't."""
        if view is None or view.status is not RunStatus.INPUT_REQUIRED:
            return None
        requests = self._documents.requests(view)
        return {
            "type": "run.input_required",
            "continuation_token": self._tokens.issue(view.row.run_id, "read", position),
            "input_requests": [request.model_dump(mode="json") for request in requests],
        }

    def news(self, view: RunView | None, position: Position) -> dict[str, Any] | None:
        """Return the event where a question is among those asked that this reader wasn't told of."""
        if view is None or {one.id for one in view.questions} <= self._told:
            return None
        event = self.of(view, position)
        if event is not None:
            self._told |= {one.id for one in view.questions}
        return event
