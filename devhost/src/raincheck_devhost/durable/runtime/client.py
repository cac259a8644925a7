"""What a client may do with instances: start, look, raise events, terminate, suspend, purge, restart."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from raincheck_devhost.durable.protocol import events as ev
from raincheck_devhost.durable.protocol.timestamps import written
from raincheck_devhost.durable.runtime.refusals import Gone, NotFound, NotPurgeable, NotSuspendable
from raincheck_devhost.durable.runtime.starts import Starts
from raincheck_devhost.durable.storage import store
from raincheck_devhost.durable.storage.queries import InstanceQuery, Page, find_page, forget_matching
from raincheck_devhost.durable.storage.records import Instance, Message

if TYPE_CHECKING:
    from collections.abc import Callable
    from sqlite3 import Connection

    from raincheck_devhost.durable.protocol.events import Event
    from raincheck_devhost.durable.runtime.clock import Clock
    from raincheck_devhost.durable.runtime.orchestrations import Orchestrations
    from raincheck_devhost.durable.storage.database import Database

_SUSPENDABLE = {"Running", "Pending", "ContinuedAsNew"}


class Client:
    """Every change is in the store when its call returns. Refusals are raised (see `refusals`)."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        orchestrations: Orchestrations,
        next_id: Callable[[], int],
    ) -> None:
        self._database, self._clock = database, clock
        self._orchestrations, self._next_id = orchestrations, next_id
        self._starts = Starts(database, clock, orchestrations, next_id)
        self._waiting: dict[str, set[asyncio.Future[None]]] = {}

    async def start(self, name: str, instance_id: str | None, input_text: str | None) -> str:
        """Start an instance; without an id it gets one. `input_text` is JSON text or None for no input.

        An id that has ended starts anew. Raises AlreadyExists.
        Starts of one new id that overlap all succeed, one instance runs, the last input wins: so does Azure.
        """
        return await self._starts.start(name, instance_id or uuid.uuid4().hex, input_text, str(uuid.uuid4()))

    async def find(self, instance_id: str) -> Instance | None:
        """Look up an instance."""
        return await self._database.read(lambda db: store.instance(db, instance_id))

    async def history(self, instance_id: str) -> list[Event]:
        """Return the history of the current execution."""
        texts = await self._database.read(lambda db: store.history(db, instance_id))
        return [store.read_event(text) for text in texts]

    async def query(self, query: InstanceQuery) -> Page:
        """List instances by id."""
        return await self._database.read(lambda db: find_page(db, query))

    async def raise_event(self, instance_id: str, name: str, input_text: str) -> None:
        """Raise an event; `input_text` is JSON text. Raises NotFound, Gone."""
        await self._send(instance_id, ev.event_raised(written(self._clock.now()), name, input_text))

    async def terminate(self, instance_id: str, reason: str | None) -> None:
        """Terminate; activities that run go on, children too. Raises NotFound, Gone."""
        event = ev.execution_terminated(written(self._clock.now()), reason)
        await self._send(instance_id, event)

    async def suspend(self, instance_id: str, reason: str | None) -> None:
        """Suspend. Raises NotFound, Gone, NotSuspendable."""
        event = ev.execution_suspended(written(self._clock.now()), reason)
        await self._send(instance_id, event, allowed=_SUSPENDABLE, verb="suspend")

    async def resume(self, instance_id: str, reason: str | None) -> None:
        """Resume what was suspended. Raises NotFound, Gone, NotSuspendable."""
        event = ev.execution_resumed(written(self._clock.now()), reason)
        await self._send(instance_id, event, allowed={"Suspended"}, verb="resume")

    async def restart(self, instance_id: str, *, new_id: bool = True) -> str:
        """Start the same orchestrator with the same input, under a new id or its own.

        Raises NotFound; AlreadyExists if it runs and is to keep its id.
        """
        row = await self.find(instance_id)
        if row is None:
            raise NotFound(instance_id)
        new_instance_id = uuid.uuid4().hex if new_id else instance_id
        # The extension writes this execution id without hyphens, unlike a plain start's.
        return await self._starts.start(row.name, new_instance_id, row.input, uuid.uuid4().hex)

    async def purge(self, instance_id: str) -> None:
        """Delete an instance that has ended. Raises NotFound, NotPurgeable."""

        def work(db: Connection) -> None:
            row = store.instance(db, instance_id)
            if row is None:
                raise NotFound(instance_id)
            if not row.ended:
                raise NotPurgeable(instance_id, row.status)
            store.forget(db, instance_id)

        await self._database.write(work)
        self._orchestrations.refresh(instance_id)
        self._database.shrink()

    async def purge_matching(self, query: InstanceQuery) -> int:
        """Delete all ended instances that match; return how many."""
        forgotten = await self._database.write(lambda db: forget_matching(db, query))
        for instance_id in forgotten:
            self._orchestrations.refresh(instance_id)
        self._database.shrink()
        return len(forgotten)

    async def wait_for_end(self, instance_id: str, seconds: float) -> Instance | None:
        """Return the instance as it is when it ends, or after so many seconds."""
        due = self._clock.now() + timedelta(seconds=seconds)
        future = asyncio.get_running_loop().create_future()
        waiting = self._waiting.setdefault(instance_id, set())
        waiting.add(future)

        def wake() -> None:
            if not future.done():
                future.set_result(None)

        try:
            row = await self.find(instance_id)
            if row is not None and not row.ended:
                alarm = self._clock.call_at(due, wake)
                await asyncio.wait([future])
                alarm.cancel()
                row = await self.find(instance_id)
            return row
        finally:
            waiting.discard(future)
            if not waiting:
                self._waiting.pop(instance_id, None)

    def ended(self, instance_id: str) -> None:
        """Wake up who waits for the end of this instance."""
        for future in self._waiting.pop(instance_id, ()):
            if not future.done():
                future.set_result(None)

    async def _send(
        self,
        instance_id: str,
        event: Event,
        *,
        allowed: set[str] | None = None,
        verb: str = "",
    ) -> None:
        def work(db: Connection) -> Message:
            row = store.instance(db, instance_id)
            if row is None:
                raise NotFound(instance_id)
            if row.ended:
                raise Gone(instance_id, row.status)
            if allowed is not None and row.status not in allowed:
                raise NotSuspendable(instance_id, verb, row.status)
            message = Message(self._next_id(), instance_id, None, event)
            store.put_messages(db, [message])
            return message

        self._orchestrations.deliver(await self._database.write(work))
