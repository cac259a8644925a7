"""Starting instances: ids that are free or have ended; those that are asked for at the same time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from raincheck_devhost.durable.protocol import events as ev
from raincheck_devhost.durable.protocol.timestamps import written
from raincheck_devhost.durable.runtime.refusals import AlreadyExists
from raincheck_devhost.durable.storage import store
from raincheck_devhost.durable.storage.records import Instance, Message

if TYPE_CHECKING:
    from collections.abc import Callable
    from sqlite3 import Connection

    from raincheck_devhost.durable.runtime.clock import Clock
    from raincheck_devhost.durable.runtime.orchestrations import Orchestrations
    from raincheck_devhost.durable.storage.database import Database


@dataclass
class _Start:
    """Starts of one id that came at the same time: the last one's name and input win."""

    name: str
    input_text: str | None
    execution_id: str
    outcome: asyncio.Future[None]


class Starts:
    """Azure looks whether an id is free, then writes: starts that overlap all pass, one instance runs."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        orchestrations: Orchestrations,
        next_id: Callable[[], int],
    ) -> None:
        self._database, self._clock = database, clock
        self._orchestrations, self._next_id = orchestrations, next_id
        self._starting: dict[str, _Start] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, name: str, instance_id: str, input_text: str | None, execution_id: str) -> str:
        """Start, or join a start of this id that hasn't been written yet. Raises AlreadyExists."""
        start = self._starting.get(instance_id)
        if start is not None:
            start.name, start.input_text = name, input_text
        else:
            outcome = asyncio.get_running_loop().create_future()
            start = self._starting[instance_id] = _Start(name, input_text, execution_id, outcome)
            task = asyncio.create_task(self._begin(instance_id, start))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        await asyncio.shield(start.outcome)
        return instance_id

    async def _begin(self, instance_id: str, start: _Start) -> None:
        try:
            try:
                former = await self._database.read(lambda db: store.instance(db, instance_id))
            finally:
                del self._starting[instance_id]
            _refuse_if_taken(former)
            message = await self._database.write(lambda db: self._put(db, instance_id, start))
        except Exception as error:  # noqa: BLE001 - whoever waits gets it
            start.outcome.set_exception(error)
            return
        self._orchestrations.refresh(instance_id)
        self._orchestrations.deliver(message)
        start.outcome.set_result(None)

    def _put(self, db: Connection, instance_id: str, start: _Start) -> Message:
        former = store.instance(db, instance_id)
        _refuse_if_taken(former)
        at = written(self._clock.now())
        generation = 0 if former is None else (former.generation or 0) + 1
        store.forget(db, instance_id)
        row = Instance(
            instance_id=instance_id,
            execution_id=start.execution_id,
            name=start.name,
            status="Pending",
            generation=generation,
            input=start.input_text,
            output=None,
            custom_status=None,
            created_at=at,
            updated_at=at,
        )
        store.put_instance(db, row)
        event = ev.execution_started(
            at,
            instance_id=instance_id,
            execution_id=start.execution_id,
            name=start.name,
            input_text=start.input_text,
            generation=generation,
        )
        message = Message(self._next_id(), instance_id, start.execution_id, event)
        store.put_messages(db, [message])
        return message


def _refuse_if_taken(former: Instance | None) -> None:
    if former is not None and not former.ended:
        raise AlreadyExists(former.status)
