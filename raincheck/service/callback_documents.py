"""The status document that a callback carries: its tokens only read."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from raincheck.service.answering import AnswerRows
from raincheck.service.documents import StatusDocuments
from raincheck.service.ports import Clock, Orchestrations, Outcomes, Runs
from raincheck.service.settings import Settings
from raincheck.service.status import RunViews
from raincheck.service.tokens import Tokens
from raincheck.service.turns import Conversations

__all__ = ["CallbackDocuments"]

_NOWHERE = "http://localhost"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackDocuments:
    """Reads how a run stands and makes its document, outside of any request."""

    runs: Runs
    outcomes: Outcomes
    answers: AnswerRows
    conversations: Conversations
    tokens: Tokens
    settings: Settings
    clock: Clock
    route_prefix: str

    async def of(self, orchestrations: Orchestrations, run_id: str) -> dict[str, Any] | None:
        """Return the document, JSON-ready; None where there is no such run."""
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
