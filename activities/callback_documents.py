"""The status document that a callback carries: its tokens only read."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from raincheck.answering import Answers
from raincheck.conversations import Conversations
from raincheck.ports import Clock, Orchestrations, Outcomes, Runs
from raincheck.run_views import RunViews
from raincheck.settings import Settings
from raincheck.status_documents import StatusDocuments
from raincheck.tokens import Tokens

__all__ = ["CallbackDocuments"]

_NOWHERE = "http://localhost"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackDocuments:
    """Reads how a run stands and makes its document, outside of any request."""

    runs: Runs
    outcomes: Outcomes
    answers: Answers
    conversations: Conversations
    tokens: Tokens
    settings: Settings
    clock: Clock
    route_prefix: str

    async def of(self, orchestrations: Orchestrations, run_id: str) -> dict[str, Any] | None:
        """Give the document, JSON-ready; None where there is no such run."""
        row = await self.runs.get(run_id)
        if row is None:
            return None
        takeover = timedelta(seconds=self.settings.start_takeover)
        views = RunViews(
            orchestrations,
            self.outcomes,
            clock=self.clock,
            takeover=takeover,
            answers=self.answers,
            conversations=self.conversations,
        )
        view = await views.read(row)
        base = (self.settings.public_url or row.base_url or _NOWHERE) + self.route_prefix
        return StatusDocuments(self.tokens, base).of(view, can_cancel=False).model_dump(mode="json")
