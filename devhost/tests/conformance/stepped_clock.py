"""A clock that stands until the test moves it."""

import asyncio
import heapq
import itertools
from datetime import UTC, datetime, timedelta

# Odd and below a millisecond: no timestamp ever has a fraction of zero, which would be written without one.
_TICK = timedelta(microseconds=137)


class SteppedClock:
    """Every look moves it by a tick, so that no two timestamps are the same."""

    def __init__(self):
        self._now = datetime(2026, 11, 21, 12, 0, 0, 325301, tzinfo=UTC)
        self._alarms = []
        self._order = itertools.count()

    def now(self):
        self._now += _TICK
        return self._now

    def call_at(self, when, callback):
        alarm = _Alarm(callback)
        heapq.heappush(self._alarms, (when, next(self._order), alarm))
        return alarm

    async def sleep(self, seconds):
        woken = asyncio.get_running_loop().create_future()
        self.call_at(
            self._now + timedelta(seconds=seconds), lambda: None if woken.done() else woken.set_result(None)
        )
        await woken

    def next_alarm(self):
        while self._alarms and self._alarms[0][2].cancelled:
            heapq.heappop(self._alarms)
        return self._alarms[0][0] if self._alarms else None

    def ring(self, until=None):
        """Move to the next alarm, ring it and say so; without one before `until`, just move there."""
        due = self.next_alarm()
        if due is None or (until is not None and due > until):
            self._now = max(self._now, until or self._now)
            return False
        _, _, alarm = heapq.heappop(self._alarms)
        self._now = max(self._now, due)
        alarm.callback()
        return True


class _Alarm:
    def __init__(self, callback):
        self.callback, self.cancelled = callback, False

    def cancel(self):
        self.cancelled = True
