"""One work item of an orchestration: ask Python, replay its answer, work out what changes."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from raincheck_devhost.durable.execution.dispatch import Dispatched, Dispatcher
from raincheck_devhost.durable.execution.replay import Replay
from raincheck_devhost.durable.ports import FunctionFailed
from raincheck_devhost.durable.protocol import events as ev
from raincheck_devhost.durable.protocol.answer import Answer, answered, raised
from raincheck_devhost.durable.protocol.faults import refused_by_extension
from raincheck_devhost.durable.protocol.lenient_json import lenient_value
from raincheck_devhost.durable.protocol.payload import event_text, joined, trigger_payload
from raincheck_devhost.durable.protocol.timestamps import written
from raincheck_devhost.durable.runtime.session import sent
from raincheck_devhost.durable.storage.records import Commit, Instance

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from raincheck_devhost.durable.execution.decisions import Outcome
    from raincheck_devhost.durable.ports import Functions
    from raincheck_devhost.durable.protocol.events import Event
    from raincheck_devhost.durable.runtime.session import Session

_LOG = logging.getLogger("raincheck_devhost.durable")


@dataclass
class Episode:
    """What a work item comes to: the commit, and the history as memory keeps it."""

    commit: Commit
    history: list[Event]
    warnings: tuple[str, ...]


class EpisodeRunner:
    """Runs work items. Raises WorkerLost if the worker died; nothing has changed then."""

    def __init__(self, functions: Functions, next_id: Callable[[], int], now: Callable[[], datetime]) -> None:
        self._functions, self._next_id, self._now = functions, next_id, now

    async def run(
        self, session: Session, events: list[Event], consumed: list[int], *, fresh: bool
    ) -> Episode:
        """Run one work item of the session with these new events; `fresh` if they start a new execution."""
        past = [] if fresh else session.history
        past_text = "" if fresh else session.history_text
        new = [ev.orchestrator_started(written(self._now())), *events]
        total, carried_status = Dispatched(), None
        while True:
            started = _started_in(past, new)
            outcome = await self._ask(started, past, past_text, new)
            done = Dispatcher(started, self._next_id, self._now).dispatch(outcome.decisions)
            _add(total, done)
            status = outcome.custom_status or carried_status
            if done.successor is None:
                break
            past, past_text, new, fresh, carried_status = [], "", done.successor, True, outcome.custom_status
        new = [ev.settled(event) for event in new] + done.events
        if new[-1]["EventType"] != ev.ORCHESTRATOR_COMPLETED:
            new.append(ev.orchestrator_completed(written(self._now())))
        row = _row_after(session.row, started, new, status)
        commit = Commit(
            instance=row,
            consumed=consumed,
            first_seq=len(past),
            texts=[event_text(event) for event in new],
            rewrite=fresh,
            activities=total.activities,
            timers=total.timers,
            messages=total.messages,
        )
        return Episode(commit, new, outcome.warnings)

    async def _ask(self, started: Event, past: list[Event], past_text: str, new: list[Event]) -> Outcome:
        new_text = joined(event_text(event) for event in new if sent(event))
        history = f"{past_text},\n{new_text}" if past_text else new_text
        answer = await self._answer(started, history)
        replay = Replay(
            started,
            answer,
            is_activity=lambda name: name.casefold() in self._functions.activities,
            is_orchestrator=lambda name: name.casefold() in self._functions.orchestrators,
        )
        return replay.run([*past, *new])

    async def _answer(self, started: Event, history: str) -> Answer:
        name: str = started["Name"]
        registered = self._functions.orchestrators.get(name.casefold())
        if registered is None:
            return Answer(refusal=refused_by_extension(name, _unknown(name, self._functions)))
        parent = started["ParentInstance"]
        instance_id: str = started["OrchestrationInstance"]["InstanceId"]
        payload = trigger_payload(
            history,
            input_value(started["Input"]),
            instance_id=instance_id,
            is_replaying=started["IsPlayed"],
            parent_instance_id=parent and parent["OrchestrationInstance"]["InstanceId"],
        )
        try:
            text = await self._functions.run_orchestrator(registered, payload, instance_id=instance_id)
        except FunctionFailed as failure:
            _LOG.warning("Orchestrator %s of %s raised %s", registered, instance_id, failure.type)
            return raised(name, failure)
        return answered(name, text)


def input_value(text: str | None) -> Any:
    """Parse an input as the extension hands it on; None if there is none."""
    if text is None:
        return None
    try:
        return lenient_value(text)
    except ValueError:
        return text


def _started_in(past: list[Event], new: list[Event]) -> Event:
    return next(e for e in (*past[:2], *new) if e["EventType"] == ev.EXECUTION_STARTED)


def _add(total: Dispatched, more: Dispatched) -> None:
    total.activities += more.activities
    total.timers += more.timers
    total.messages += more.messages


def _unknown(name: str, functions: Functions) -> str:
    names = ", ".join(f"'{each}'" for each in functions.orchestrators.values())
    return (
        f"The function '{name}' doesn't exist, is disabled, or is not an orchestrator function. "
        f"Additional info: The following are the known orchestrator functions: {names}."
    )


def _row_after(row: Instance | None, started: Event, new: list[Event], custom_status: str | None) -> Instance:
    instance = started["OrchestrationInstance"]
    if row is None or row.execution_id != instance["ExecutionId"] or row.status == "Pending":
        row = Instance(
            instance_id=instance["InstanceId"],
            execution_id=instance["ExecutionId"],
            name=started["Name"],
            status="Running",
            generation=started["Generation"],
            input=started["Input"],
            output=row.output if row else None,
            custom_status=None,
            created_at=started["Timestamp"],
            updated_at=started["Timestamp"],
        )
    status, output = row.status, row.output
    for event in new:
        kind = event["EventType"]
        if kind == ev.EXECUTION_COMPLETED:
            status, output = event["OrchestrationStatus"], event["Result"]
        elif kind == ev.EXECUTION_TERMINATED:
            status, output = "Terminated", event["Input"]
        elif kind == ev.EXECUTION_SUSPENDED:
            status, output = "Suspended", event["Reason"]
        elif kind == ev.EXECUTION_RESUMED:
            status, output = "Running", event["Reason"]
    updated = new[-1]["Timestamp"]
    return replace(row, status=status, output=output, custom_status=custom_status, updated_at=updated)
