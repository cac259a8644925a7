"""What happens at a run's end: steps are told to stop, debts are paid, what won't end is terminated."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from raincheck.errors import AlreadyStarted
from raincheck.outcomes import NOT_STARTED, Outcome, TerminalEvent, terminal_event
from raincheck.payloads import CANCEL_EVENT, END_RUN, Completion, Ending, StopRequest, from_json
from raincheck.service.conversations import Turns
from raincheck.service.ports import (
    EventLog,
    InstanceStatus,
    Orchestrations,
    Outcomes,
    Runs,
    StopMarkers,
    Unfinished,
)
from raincheck.service.subflows import subflows_of

__all__ = ["Deliver", "Endings"]

_LOG = logging.getLogger("raincheck.run")

Deliver = Callable[[Orchestrations, str, TerminalEvent], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endings:
    """The side effects of `stop_steps`, `complete_run` and `terminate_run`. Each may be done again."""

    runs: Runs
    outcomes: Outcomes
    events: EventLog
    markers: StopMarkers
    deliver: Deliver
    turns: Turns
    unfinished: Unfinished

    async def stop_steps(self, request: StopRequest, orchestrations: Orchestrations) -> None:
        """Mark the steps as unwanted, and cancel the sub-flows with the grace that remains."""
        if request.steps:
            await self.markers.stop(request.run_id, request.steps)
        for flow in request.flows:
            await orchestrations.raise_event(flow, CANCEL_EVENT, {"grace": request.grace})

    async def complete_run(self, completion: Completion, orchestrations: Orchestrations) -> None:
        """Write the outcome row, then pay what is owed by the outcome that stands."""
        proposed = Outcome.model_validate(from_json(completion.outcome_json))
        outcome = await self.outcomes.record(completion.run_id, proposed)
        if completion.close_log:
            await self.events.close(completion.run_id, flow=completion.flow, terminal=terminal_event(outcome))
        if completion.owes:
            await self._pay(completion, outcome, orchestrations)
        if completion.open_steps:
            ending = Ending(run_id=completion.run_id)
            try:
                await orchestrations.start(END_RUN, f"{completion.run_id}:end", ending.dumped())
            except AlreadyStarted:
                _LOG.debug("the terminator of run %s is at work", completion.run_id)
        if completion.owes:
            await self.unfinished.remove(
                "run", completion.run_id
            )  # until here, the sweeper would do it all again

    async def _pay(self, completion: Completion, outcome: Outcome, orchestrations: Orchestrations) -> None:
        """Call back, and let the conversation go on."""
        row = await self.runs.get(completion.run_id)
        if row is None:
            return
        if "callback" in completion.owes and row.callback and outcome.event in row.callback.events:
            await self.deliver(orchestrations, completion.run_id, outcome.event)
        if "conversation" in completion.owes and row.conversation_id is not None:
            never_ran = outcome.error is not None and outcome.error.code == NOT_STARTED
            leave = self.turns.give_up if never_ran else self.turns.end
            await leave(row.conversation_id, completion.run_id, orchestrations)

    async def terminate_run(self, ending: Ending, orchestrations: Orchestrations) -> int:
        """Terminate the run, then its sub-flows, depth first; give how many were still open.

        What Durable calls Terminated gets an outcome row, unless it has one.
        """
        still_open = 0
        async for run_id, status in _family(ending.run_id, orchestrations):
            if not status.ended:
                still_open += 1
                await orchestrations.terminate(
                    run_id, "The run has ended; a step of it did not stop in time."
                )
            elif status.runtime_status == "Terminated":
                await self.outcomes.record(run_id, Outcome.canceled())
        return still_open


async def _family(run_id: str, orchestrations: Orchestrations) -> AsyncIterator[tuple[str, InstanceStatus]]:
    """Return a run and its sub-flows with their status: parents first, since they could start more."""
    status = await orchestrations.status(run_id)
    if status is None:
        return
    yield run_id, status
    async for below in subflows_of(run_id, orchestrations):
        yield below
