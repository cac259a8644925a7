"""Status documents: a run as every way of collecting shows it, with the URLs to go on with."""

from raincheck.answer_models import schema_of
from raincheck.events import START, Position
from raincheck.models import InputRequest, StatusDocument
from raincheck.outcomes import RunStatus
from raincheck.service.questions import OpenQuestion
from raincheck.service.status import RunView
from raincheck.service.tokens import Token, Tokens

__all__ = ["StatusDocuments"]


class StatusDocuments:
    """Makes documents. `base` is where the API is, e.g. `https://agents.example.com/api`."""

    def __init__(self, tokens: Tokens, base: str) -> None:
        self._tokens = tokens
        self._base = base

    def of(
        self,
        view: RunView,
        position: Position = START,
        *,
        opened: Token | None = None,
        can_act: bool = True,
    ) -> StatusDocument:
        """Build the document of a run for a reader who stands at `position` of its event log.

        Args:
            view: how the run stands.
            position: goes into the tokens.
            opened: the token that the reader came with; None where it was a key, or nobody came.
            can_act: False where the document's tokens may only read, as in a callback.
        """
        row, outcome = view.row, view.outcome
        can_act = can_act and (opened is None or opened.may_act)
        until = self._tokens.renewal(opened, None if outcome is None else view.updated_at)
        token = self._tokens.issue(row.run_id, "read" if can_act else "view", position, expires_at=until)
        goes_on = not view.status.terminal
        waits = view.status is RunStatus.INPUT_REQUIRED
        return StatusDocument(
            id=row.run_id,
            flow=row.flow,
            status=view.status,
            created_at=row.created_at,
            updated_at=view.updated_at,
            continuation_token=token if goes_on and not waits else None,
            status_url=f"{self._base}/runs/{token}",
            events_url=f"{self._base}/runs/{token}/events",
            cancel_url=self._cancel_url(row.run_id) if goes_on and can_act else None,
            progress=view.progress,
            input_requests=self.requests(view, can_answer=can_act),
            result=outcome.result if outcome else None,
            error=outcome.error if outcome else None,
            conversation_id=row.conversation_id,
            superseded_by=view.superseded_by,
            metadata=row.metadata,
        )

    def requests(self, view: RunView, *, can_answer: bool) -> list[InputRequest]:
        """Build the open questions of a run, each with the URL to answer it unless tokens may only read."""
        return [
            InputRequest(
                id=one.id,
                prompt=one.question.prompt,
                json_schema=schema_of(one.question.model),
                answer_url=self._answer_url(one) if can_answer else None,
                expires_at=one.question.expires_at,
            )
            for one in view.questions
        ]

    def _answer_url(self, asked: OpenQuestion) -> str:
        # its number stands where other tokens have a position in the log
        token = self._tokens.issue(asked.run_id, "answer", Position(asked.number))
        return f"{self._base}/runs/{token}/answer"

    def _cancel_url(self, run_id: str) -> str:
        return f"{self._base}/runs/{self._tokens.issue(run_id, 'cancel')}/cancel"
