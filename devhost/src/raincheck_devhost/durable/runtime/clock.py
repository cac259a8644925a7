"""The engine's only source of time, so that tests can own it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST_NAP = 30.0


class Alarm(Protocol):
    """Something that will call back, unless cancelled."""

    def cancel(self) -> None:
        """Don't call back any more."""
        ...


class Clock(Protocol):
    """UTC time and alarms."""

    def now(self) -> datetime:
        """Return the time, aware, in UTC."""
        ...

    def call_at(self, when: datetime, callback: Callable[[], None]) -> Alarm:
        """Call back on the event loop once `when` is reached (at once if it is past)."""
        ...


class _Alarm:
    """A wall-clock alarm: short naps, so that a laptop that slept wakes up to what is due."""

    def __init__(self, clock: SystemClock, when: datetime, callback: Callable[[], None]) -> None:
        self._clock, self._when, self._callback = clock, when, callback
        self._handle: asyncio.TimerHandle | None = None
        self._arm()

    def _arm(self) -> None:
        left = (self._when - self._clock.now()) / timedelta(seconds=1)
        if left <= 0:
            self._handle = asyncio.get_running_loop().call_later(0, self._callback)
        else:
            self._handle = asyncio.get_running_loop().call_later(min(left, _LONGEST_NAP), self._arm)

    def cancel(self) -> None:
        if self._handle is not None:
            self._handle.cancel()


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the machine's time."""
        return datetime.now(UTC)

    def call_at(self, when: datetime, callback: Callable[[], None]) -> Alarm:
        """Call back when the machine's clock has reached `when`."""
        return _Alarm(self, when, callback)
