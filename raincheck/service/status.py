"""How a run stands: its row, Durable's status and, where Durable can't know better, the outcome row."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from raincheck.errors import RequestError, StorageUnavailable
from raincheck.models import Progress
from raincheck.outcomes import NOT_STARTED, Outcome, RunStatus
from raincheck.payloads import CustomStatus, from_durable
from raincheck.run_ids import root_of
from raincheck.service.conversations import Conversations
from raincheck.service.following.nudges import Heard, Nudges
from raincheck.service.ports import Clock, InstanceStatus, Orchestrations, Outcomes
from raincheck.service.questions import OpenQuestion, OpenQuestions, Questions, custom_status_of
from raincheck.service.runs import RunRow, Runs
from raincheck.service.settings import Settings
from raincheck.service.tokens import Scope, Token, Tokens

__all__ = ["CallerGone", "RunView", "Status"]

FIRST_DELAY, GROWTH, LAST_DELAY = 0.05, 1.5, 1.0  # seconds between two looks
_LOG = logging.getLogger(__name__)
_ENDED_OUTSIDE = {"Terminated", "Canceled", "Failed"}  # Durable's words for ends that no flow reported


class CallerGone(Exception):
    """The caller has closed the connection: there is nobody to answer."""


@dataclass(frozen=True, slots=True)
class RunView:
    """A run at one moment. `outcome` is there exactly where `status` is terminal."""

    row: RunRow
    status: RunStatus
    updated_at: datetime
    progress: Progress | None = None
    outcome: Outcome | None = None
    questions: tuple[OpenQuestion, ...] = ()
    superseded_by: str | None = None  # the id of a newer run of the conversation

    @classmethod
    def unstarted(cls, row: RunRow) -> "RunView":
        """Return a run of which only the row is known."""
        return cls(row=row, status=RunStatus.NOT_STARTED, updated_at=row.created_at)

    @property
    def goes_on(self) -> bool:
        """Whether there is something to wait for: it has not ended, and doesn't wait for a person."""
        return not self.status.terminal and self.status is not RunStatus.INPUT_REQUIRED


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Reads runs. A poll costs one look at Durable's status, and the outcome row only where it may decide.

    A run that Durable doesn't know after the start takeover was never started.
    """

    runs: Runs
    outcomes: Outcomes
    conversations: Conversations
    questions: Questions
    orchestrations: Orchestrations
    tokens: Tokens
    settings: Settings
    clock: Clock
    monotonic: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    nudges: Nudges = field(default_factory=Nudges)

    async def open(self, text: str, scope: Scope) -> tuple[Token, RunRow]:
        """Read a token and the row of its run.

        Raises:
            RequestError: 404, also where the run has been cleared away; 410 where the token has expired.
        """
        token = self.tokens.read(text, scope)
        row = await self.runs.get(root_of(token.run_id))
        if row is None:
            raise RequestError(404, "not_found", "There is no such run, or the token is not good for it.")
        return token, row

    async def read(self, row: RunRow) -> RunView:
        """Return how the run stands now.

        Raises:
            StorageUnavailable: it can't be told.
        """
        view = await self._read(row, ask=True)
        if row.conversation is None:
            return view
        turn = await self.conversations.turn(row.conversation, row.run_id)
        return view if turn is None else replace(view, superseded_by=turn.superseded_by)

    async def outcome_of(self, row: RunRow) -> Outcome | None:
        """Return how the run has ended, None where it goes on: `read` without what only callers want."""
        return (await self._read(row, ask=False)).outcome

    async def watch(
        self,
        view: RunView,
        *,
        until: Callable[[RunView], bool],
        seconds: float,
        gone: Callable[[], Awaitable[bool]],
    ) -> RunView:
        """Look at the run again and again, beginning at once; return the last view.

        That storage is away for a while changes nothing: the last good view is what is known. Where this
        process ends the run, or a step of it, the next look comes at once.

        Args:
            view: how it stood.
            until: what the caller waits for.
            seconds: how long, at most.
            gone: whether the caller has left.

        Raises:
            CallerGone: the caller left.
        """
        deadline = self.monotonic() + seconds
        with Heard(self.nudges, view.row.run_id, self.sleep) as heard:
            return await self._watch(view, until=until, deadline=deadline, gone=gone, heard=heard)

    async def _watch(
        self,
        view: RunView,
        *,
        until: Callable[[RunView], bool],
        deadline: float,
        gone: Callable[[], Awaitable[bool]],
        heard: Heard,
    ) -> RunView:
        delay = FIRST_DELAY
        while (remaining := deadline - self.monotonic()) > 0:
            try:
                async with asyncio.timeout(remaining + LAST_DELAY):
                    view = await self.read(view.row)
            except (StorageUnavailable, TimeoutError):
                pass
            else:
                if until(view):
                    return view
            if await gone():
                raise CallerGone
            pause = max(0.0, min(delay, deadline - self.monotonic()))
            delay = min(delay * GROWTH, LAST_DELAY)
            if await heard.within(pause) is not None:
                delay = FIRST_DELAY
        return view

    async def _read(self, row: RunRow, *, ask: bool) -> RunView:
        instance = await self.orchestrations.status(row.run_id)
        if instance is None:
            return await self._unknown(row)
        shown = custom_status_of(instance.custom_status)
        outcome = await self._outcome(row, instance, ending=shown.ending)
        asked = OpenQuestions()
        if outcome is not None:
            status = RunStatus(outcome.status)
        elif instance.runtime_status == "Pending" or shown.queued:
            status = RunStatus.NOT_STARTED
        else:
            asked = await self._asked(row, shown) if ask else asked
            status = RunStatus.INPUT_REQUIRED if asked.waiting else RunStatus.RUNNING
        updated_at = max(instance.updated_at, row.created_at)  # Durable's has whole seconds
        return RunView(row, status, updated_at, shown.progress, outcome, tuple(asked.questions))

    async def _unknown(self, row: RunRow) -> RunView:
        given_up_at = row.created_at + timedelta(seconds=self.settings.start_takeover)
        if self.clock() < given_up_at:
            return RunView.unstarted(row)  # its start may still be under way
        outcome = await self.outcomes.get(row.run_id)  # Durable's history may have gone before ours
        if outcome is None:
            outcome = Outcome.failed(NOT_STARTED, "The run could not be started. Start it again.")
        return RunView(row, RunStatus(outcome.status), given_up_at, None, outcome)

    async def _asked(self, row: RunRow, shown: CustomStatus) -> OpenQuestions:
        return OpenQuestions() if shown.ending else await self.questions.of(row.run_id, shown)

    async def _outcome(self, row: RunRow, instance: InstanceStatus, *, ending: bool) -> Outcome | None:
        if instance.runtime_status == "Completed":
            return _output(row.run_id, instance.output)
        if instance.runtime_status in _ENDED_OUTSIDE:
            # First come is what stands: whoever reads next, and the sweep, must tell the same.
            return await self.outcomes.record(row.run_id, _ended_outside(instance.runtime_status))
        return await self.outcomes.get(row.run_id) if ending else None


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
