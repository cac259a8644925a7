"""The durable engine: the task hub of one app, in one process, on one SQLite file."""

from __future__ import annotations

import asyncio
import itertools
import logging
from typing import TYPE_CHECKING

from raincheck_devhost.durable.runtime.activities import ActivityRunner
from raincheck_devhost.durable.runtime.client import Client
from raincheck_devhost.durable.runtime.clock import Clock, SystemClock
from raincheck_devhost.durable.runtime.episode import Episode, EpisodeRunner
from raincheck_devhost.durable.runtime.orchestrations import Batching, Orchestrations, everything
from raincheck_devhost.durable.runtime.timers import Timers
from raincheck_devhost.durable.storage import store
from raincheck_devhost.durable.storage.database import Database

if TYPE_CHECKING:
    from pathlib import Path

    from raincheck_devhost.durable.ports import Functions
    from raincheck_devhost.durable.settings import DurableSettings

_LOG = logging.getLogger("raincheck_devhost.durable")
_EPISODE_GRACE_SECONDS = 5.0


class DurableEngine:
    """Start it on the event loop that will use it; `client` is how instances are started and asked for.

    `clock` and `batching` are for tests: the default is real time, and every episode takes all that waits.
    """

    def __init__(
        self,
        state_file: Path,
        functions: Functions,
        settings: DurableSettings,
        *,
        clock: Clock | None = None,
        batching: Batching = everything,
    ) -> None:
        self.settings = settings
        self.clock: Clock = clock or SystemClock()
        self._state_file, self._functions, self._batching = state_file, functions, batching

    async def start(self) -> None:
        """Open the state file and go on where the last process ended. Raises sqlite3.Error."""
        self._database = Database(self._state_file)
        first = await self._database.write(store.highest_id)
        next_id = itertools.count(first + 1).__next__
        runner = EpisodeRunner(self._functions, next_id, self.clock.now)
        self.orchestrations = Orchestrations(
            runner,
            self._database,
            at_once=self.settings.orchestrators_at_once,
            batching=self._batching,
            after=self._after,
        )
        self.activities = ActivityRunner(
            self._functions,
            self._database,
            self.clock,
            self.settings,
            next_id=next_id,
            deliver=self.orchestrations.deliver,
        )
        self._timers = Timers(
            self._database, self.clock, next_id=next_id, deliver=self.orchestrations.deliver
        )
        self.client = Client(self._database, self.clock, self.orchestrations, next_id)
        await self._resume()

    async def stop(self, grace_seconds: float = 10.0) -> None:
        """Take no new work, let activities that run end for so long, leave the rest to the next start."""
        self._timers.stop()
        await asyncio.gather(
            self.activities.stop(grace_seconds),
            self.orchestrations.stop(min(grace_seconds, _EPISODE_GRACE_SECONDS)),
        )
        await asyncio.to_thread(self._database.close)

    async def _resume(self) -> None:
        messages, activities, timers = await self._database.write(
            lambda db: (
                store.waiting_messages(db),
                store.waiting_activities(db),
                store.waiting_timers(db),
            )
        )
        if messages or activities or timers:
            _LOG.info(
                "Going on with %d messages, %d activities and %d timers",
                len(messages),
                len(activities),
                len(timers),
            )
        for message in messages:
            self.orchestrations.deliver(message)
        for timer in timers:
            self._timers.arm(timer)
        for activity, started_at in activities:
            self.activities.resume(activity, started_at)

    def _after(self, episode: Episode) -> None:
        commit = episode.commit
        for activity in commit.activities:
            self.activities.submit(activity)
        for timer in commit.timers:
            self._timers.arm(timer)
        if commit.instance.ended:
            self._timers.disarm(commit.instance.instance_id)
            self.client.ended(commit.instance.instance_id)
        for message in commit.messages:
            self.orchestrations.deliver(message)
