"""Fires durable timers: when the clock says so, also after a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from raincheck_devhost.durable.protocol import events as ev
from raincheck_devhost.durable.protocol.timestamps import parsed
from raincheck_devhost.durable.storage import store
from raincheck_devhost.durable.storage.records import Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from raincheck_devhost.durable.runtime.clock import Alarm, Clock
    from raincheck_devhost.durable.storage.database import Database
    from raincheck_devhost.durable.storage.records import TimerItem


class Timers:
    """Every timer is in the store before it is armed here."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        next_id: Callable[[], int],
        deliver: Callable[[Message], None],
    ) -> None:
        self._database, self._clock = database, clock
        self._next_id, self._deliver = next_id, deliver
        self._alarms: dict[int, Alarm] = {}
        self._of_instance: dict[str, set[int]] = {}

    def arm(self, timer: TimerItem) -> None:
        """Fire the timer at its time."""
        self._of_instance.setdefault(timer.instance_id, set()).add(timer.item_id)
        self._alarms[timer.item_id] = self._clock.call_at(parsed(timer.visible_at), lambda: self._fire(timer))

    def disarm(self, instance_id: str) -> None:
        """Fire no timer of this instance any more: it has ended."""
        for item_id in self._of_instance.pop(instance_id, ()):
            self._alarms.pop(item_id).cancel()

    def stop(self) -> None:
        """Fire nothing any more until the next start."""
        for alarm in self._alarms.values():
            alarm.cancel()
        self._alarms.clear()
        self._of_instance.clear()

    def _fire(self, timer: TimerItem) -> None:
        del self._alarms[timer.item_id]
        armed = self._of_instance[timer.instance_id]
        armed.discard(timer.item_id)
        if not armed:
            del self._of_instance[timer.instance_id]
        event = ev.timer_fired(timer.made_at, timer.task_id, timer.fire_at)
        message = Message(self._next_id(), timer.instance_id, timer.execution_id, event)
        self._database.write_soon(lambda db: store.fire_timer(db, timer.item_id, message))
        self._deliver(message)
