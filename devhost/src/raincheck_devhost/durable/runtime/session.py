"""One instance in memory: its row, the history of its execution, and the messages that wait for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from raincheck_devhost.durable.protocol import events as ev
from raincheck_devhost.durable.protocol.payload import joined
from raincheck_devhost.durable.storage.store import read_event

if TYPE_CHECKING:
    from collections.abc import Iterable

    from raincheck_devhost.durable.protocol.events import Event
    from raincheck_devhost.durable.storage.records import Instance, Message


class Session:
    """The engine runs at most one episode of a session at a time."""

    def __init__(self, instance_id: str) -> None:
        self.instance_id = instance_id
        self.inbox: list[Message] = []
        self.busy = False
        self.loaded = False
        self.row: Instance | None = None
        self.history: list[Event] = []
        self.history_text = ""

    def load(self, row: Instance | None, texts: list[str]) -> None:
        """Take what the store has."""
        self.row, self.loaded = row, True
        self.history = [read_event(text) for text in texts]
        self.history_text = joined(
            event for event, kept in zip(texts, self.history, strict=True) if sent(kept)
        )

    def forget(self) -> None:
        """Drop what was loaded: it is read again when it is needed."""
        self.row, self.loaded, self.history, self.history_text = None, False, [], ""

    def replace_history(self, events: list[Event], texts: list[str]) -> None:
        """Begin a new execution's history."""
        self.history, self.history_text = [], ""
        self.append_history(events, texts)

    def append_history(self, events: list[Event], texts: list[str]) -> None:
        """Add what an episode brought."""
        self.history.extend(events)
        more = joined(text for text, event in zip(texts, events, strict=True) if sent(event))
        self.history_text = f"{self.history_text},\n{more}" if self.history_text else more

    @property
    def started(self) -> Event | None:
        """The ExecutionStarted of the execution that runs; None if none does."""
        if self.row is None or self.row.ended:
            return None
        return next((e for e in self.history[:2] if e["EventType"] == ev.EXECUTION_STARTED), None)

    def accept(self, messages: Iterable[Message]) -> tuple[list[Event], bool]:
        """Sort out which messages are for the execution that runs, or begin a new one.

        Returns the events, and whether the first of them starts a new execution.
        """
        started, fresh = self.started, False
        accepted: list[Event] = []
        for message in messages:
            event = message.event
            if event["EventType"] == ev.EXECUTION_STARTED:
                if started is None and self._wanted(message.execution_id):
                    started, fresh = event, True
                    accepted.append(event)
            elif started is not None and message.execution_id in (None, _execution(started)):
                accepted.append(event)
        return accepted, fresh

    def _wanted(self, execution_id: str | None) -> bool:
        """A start whose row was replaced meanwhile is void; a sub-orchestration has no row yet."""
        if self.row is None or self.row.status != "Pending":
            return True
        return self.row.execution_id == execution_id


def sent(event: Event) -> bool:
    """Whether Python gets to see the event."""
    return bool(event["EventType"] != ev.EXECUTION_COMPLETED)


def _execution(started: Event) -> str:
    execution: str = started["OrchestrationInstance"]["ExecutionId"]
    return execution
