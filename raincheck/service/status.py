"""How a run stands: its row, Durable's status and, where Durable can't know better, the outcome row."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from raincheck.outcomes import NOT_STARTED, Outcome, RunStatus
from raincheck.payloads import CustomStatus, from_durable
from raincheck.service.open_questions import OpenQuestion, OpenQuestions, custom_status_of, open_questions

if TYPE_CHECKING:
    from raincheck.models import Progress
    from raincheck.service.answering import AnswerRows
    from raincheck.service.ports import Clock, InstanceStatus, Orchestrations, Outcomes, RunRow
    from raincheck.service.turns import Conversations

__all__ = ["RunView", "RunViews"]

_LOG = logging.getLogger(__name__)
_ENDED_OUTSIDE = {"Terminated", "Canceled", "Failed"}  # Durable's words for ends that no flow reported


@dataclass(frozen=True, slots=True)
class RunView:
    """A run at one moment. `outcome` is there exactly where `status` is terminal."""

    row: "RunRow"
    status: RunStatus
    updated_at: datetime
    progress: "Progress | None" = None
    outcome: Outcome | None = None
    questions: tuple[OpenQuestion, ...] = ()
    superseded_by: str | None = None  # the id of a newer run of the conversation

    @classmethod
    def unstarted(cls, row: "RunRow") -> "RunView":
        """A run of which only the row is known."""
        return cls(row=row, status=RunStatus.NOT_STARTED, updated_at=row.created_at)


class RunViews:
    """Reads runs. A poll costs one look at Durable's status, and the outcome row only where it may decide.

    `takeover` is how long a start may take: a run that Durable doesn't know after that was never started.
    `answers` is where questions are looked up, `conversations` where it is told what superseded a run; None
    where only outcomes matter.
    """

    def __init__(
        self,
        orchestrations: "Orchestrations",
        outcomes: "Outcomes",
        *,
        clock: "Clock",
        takeover: timedelta,
        answers: "AnswerRows | None" = None,
        conversations: "Conversations | None" = None,
    ) -> None:
        self._orchestrations = orchestrations
        self._outcomes = outcomes
        self._clock = clock
        self._takeover = takeover
        self._answers = answers
        self._conversations = conversations

    async def read(self, row: "RunRow") -> RunView:
        """Tell how the run stands now.

        Raises:
            StorageUnavailable: it can't be told.
        """
        view = await self._read(row)
        if row.conversation_id is None or self._conversations is None:
            return view
        turn = await self._conversations.turn(row.conversation_id, row.run_id)
        return view if turn is None else replace(view, superseded_by=turn.superseded_by)

    async def _read(self, row: "RunRow") -> RunView:
        instance = await self._orchestrations.status(row.run_id)
        if instance is None:
            return await self._unknown(row)
        custom = custom_status_of(instance.custom_status)
        outcome = await self._outcome(row, instance, ending=custom.ending)
        asked = OpenQuestions()
        if outcome is not None:
            status = RunStatus(outcome.status)
        elif instance.runtime_status == "Pending" or custom.queued:
            status = RunStatus.NOT_STARTED
        else:
            asked = await self._asked(row, custom)
            status = RunStatus.INPUT_REQUIRED if asked.waiting else RunStatus.RUNNING
        updated_at = max(instance.updated_at, row.created_at)  # Durable's has whole seconds
        return RunView(row, status, updated_at, custom.progress, outcome, tuple(asked.questions))

    async def _unknown(self, row: "RunRow") -> RunView:
        if self._clock() < row.created_at + self._takeover:
            return RunView.unstarted(row)  # its start may still be under way
        outcome = await self._outcomes.get(row.run_id)  # Durable's history may have gone before ours
        if outcome is None:
            outcome = Outcome.failed(NOT_STARTED, "The run could not be started. Start it again.")
        return RunView(row, RunStatus(outcome.status), row.created_at + self._takeover, None, outcome)

    async def _asked(self, row: "RunRow", shown: CustomStatus) -> OpenQuestions:
        if self._answers is None or shown.ending:
            return OpenQuestions()
        return await open_questions(self._orchestrations, self._answers, row.run_id, shown)

    async def _outcome(self, row: "RunRow", instance: "InstanceStatus", *, ending: bool) -> Outcome | None:
        if instance.runtime_status == "Completed":
            return _output(row.run_id, instance.output)
        if instance.runtime_status in _ENDED_OUTSIDE:
            # First come is what stands: whoever reads next, and the sweeper, must tell the same.
            return await self._outcomes.record(row.run_id, _ended_outside(instance.runtime_status))
        return await self._outcomes.get(row.run_id) if ending else None


def _ended_outside(runtime_status: str) -> Outcome:
    failed = Outcome.failed("engine_failed", "The durable engine ended the run.")
    outcome = failed if runtime_status == "Failed" else Outcome.canceled()
    return outcome.model_copy(update={"logged": True})  # its steps may have, and may still


def _output(run_id: str, value: Any) -> Outcome:
    try:
        return Outcome.model_validate(from_durable(value))
    except ValidationError:
        _LOG.exception("the output of run %s is no outcome", run_id)
        return Outcome.failed("no_outcome", "The run ended without an outcome that can be read.")
