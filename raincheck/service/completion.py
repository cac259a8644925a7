"""What happens at a run's end: steps are told to stop, debts are paid, what won't end is terminated."""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from raincheck.errors import AlreadyStarted
from raincheck.events import START
from raincheck.outcomes import NOT_STARTED, Outcome, terminal_event
from raincheck.payloads import CANCEL_EVENT, END_RUN, Completion, StopRequest, Termination, from_json
from raincheck.service.deliveries import debts_of
from raincheck.service.events import EventLog
from raincheck.service.following.nudges import Nudge, Nudges
from raincheck.service.instrumentation import span
from raincheck.service.outbox import Outbox
from raincheck.service.ports import (
    InstanceStatus,
    Orchestrations,
    Outcomes,
    StopMarkers,
    Unfinished,
    UnfinishedRow,
)
from raincheck.service.runs import Runs
from raincheck.service.status import Status
from raincheck.service.turns import Turns

__all__ = ["RUN", "CompleteRun", "subflows_of"]

RUN = "run"
"""The kind of what the sweep finishes: runs that owe something."""

_LOG = logging.getLogger("raincheck.run")


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteRun:
    """The side effects of `stop_steps`, `complete_run` and `terminate_run`. Each may be done again."""

    runs: Runs
    outcomes: Outcomes
    events: EventLog
    markers: StopMarkers
    outbox: Outbox
    turns: Turns
    status: Status
    unfinished: Unfinished
    orchestrations: Orchestrations
    nudges: Nudges = field(default_factory=Nudges)

    async def stop_steps(self, request: StopRequest) -> None:
        """Mark the steps as unwanted, and cancel the sub-flows with the grace that remains."""
        if request.steps:
            await self.markers.stop(request.run_id, request.steps)
        for flow in request.flows:
            await self.orchestrations.raise_event(flow, CANCEL_EVENT, {"grace": request.grace})

    async def complete(self, completion: Completion) -> None:
        """Write the outcome row, then pay what is owed by the outcome that stands."""
        with span("end", run_id=completion.run_id, flow=completion.flow):
            proposed = Outcome.model_validate(from_json(completion.outcome_json))
            outcome = await self.outcomes.record(completion.run_id, proposed)
            if completion.close_log:
                await self.events.close(
                    completion.run_id, flow=completion.flow, terminal=terminal_event(outcome)
                )
            self.nudges.nudge(completion.run_id, Nudge.ENDED)
            if completion.owes:
                await self._pay(completion, outcome)
            if completion.open_steps:
                termination = Termination(run_id=completion.run_id)
                try:
                    await self.orchestrations.start(END_RUN, f"{completion.run_id}:end", termination.dumped())
                except AlreadyStarted:
                    _LOG.debug("the terminator of run %s is at work", completion.run_id)
            if completion.owes:  # until here, the sweep would do it all again
                await self.unfinished.remove(RUN, completion.run_id)

    async def resume(self, left: UnfinishedRow) -> None:
        """Pay what a run owes that has ended without paying: terminated from outside, failed, or crashed."""
        row = await self.runs.get(left.key)
        if row is None:
            await self.unfinished.remove(RUN, left.key)
            return
        outcome = await self.status.outcome_of(row)
        if outcome is None:
            return
        page = await self.events.read(row.run_id, START, limit=1)
        owes = debts_of(row, self.outbox.channels.values())
        completion = Completion(
            run_id=row.run_id,
            flow=row.flow,
            outcome_json=outcome.model_dump_json(),
            close_log=page.exists and not page.closed,
            owes=[debt for debt in owes if debt != "input_callback"],
            open_steps=False,
        )
        await self.complete(completion)
        await self.unfinished.remove(RUN, left.key)

    async def _pay(self, completion: Completion, outcome: Outcome) -> None:
        """Deliver the outcome, and let the conversation go on."""
        row = await self.runs.get(completion.run_id)
        if row is None:
            return
        if "callback" in completion.owes:
            await self.outbox.tell(row, outcome.event)
        if "conversation" in completion.owes and row.conversation is not None:
            never_ran = outcome.error is not None and outcome.error.code == NOT_STARTED
            leave = self.turns.give_up if never_ran else self.turns.end
            await leave(row.conversation, completion.run_id)

    async def terminate(self, termination: Termination) -> int:
        """Terminate the run, then its sub-flows, depth first; return how many were still open.

        What Durable calls Terminated gets an outcome row, unless it has one.
        """
        still_open = 0
        async for run_id, status in self._family(termination.run_id):
            if not status.ended:
                still_open += 1
                await self.orchestrations.terminate(
                    run_id, "The run has ended; a step of it did not stop in time."
                )
            elif status.runtime_status == "Terminated":
                await self.outcomes.record(run_id, Outcome.canceled())
        return still_open

    async def _family(self, run_id: str) -> AsyncIterator[tuple[str, InstanceStatus]]:
        """Return a run and its sub-flows with their status: parents first, since they could start more."""
        status = await self.orchestrations.status(run_id)
        if status is None:
            return
        yield run_id, status
        async for below in subflows_of(run_id, self.orchestrations):
            yield below


async def subflows_of(
    run_id: str, orchestrations: Orchestrations
) -> AsyncIterator[tuple[str, InstanceStatus]]:
    """Return ids and statuses of sub-flows, parents before their children: the numbers have no gaps."""
    number = 1
    while (status := await orchestrations.status(f"{run_id}:{number}")) is not None:
        yield f"{run_id}:{number}", status
        async for below in subflows_of(f"{run_id}:{number}", orchestrations):
            yield below
        number += 1
