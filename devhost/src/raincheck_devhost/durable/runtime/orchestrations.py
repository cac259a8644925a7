"""Keeps the sessions and runs their episodes: one at a time each, a limited number altogether."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from raincheck_devhost.durable.ports import WorkerLost
from raincheck_devhost.durable.runtime.session import Session
from raincheck_devhost.durable.storage import store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from raincheck_devhost.durable.runtime.episode import Episode, EpisodeRunner
    from raincheck_devhost.durable.storage.database import Database
    from raincheck_devhost.durable.storage.records import Message

_LOG = logging.getLogger("raincheck_devhost.durable")
_PAUSE, _LONGEST_PAUSE = 0.2, 5.0
_IDLE_SESSIONS = 500


# Says how many of the messages that wait for an instance its episode takes, from the front; 0: wait for more.
Batching = Callable[[str, "Sequence[Message]"], int]


def everything(_instance_id: str, waiting: Sequence[Message]) -> int:
    """Take all that waits."""
    return len(waiting)


class Orchestrations:
    """`after` is told of each committed episode: it hands out the work the episode scheduled."""

    def __init__(
        self,
        runner: EpisodeRunner,
        database: Database,
        *,
        at_once: int,
        batching: Batching,
        after: Callable[[Episode], None],
    ) -> None:
        self._runner, self._database, self._after = runner, database, after
        self._batching = batching
        self._room = asyncio.Semaphore(at_once)
        self._sessions: dict[str, Session] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._warned: set[tuple[str, str]] = set()
        self._open = True

    @property
    def running(self) -> int:
        """How many sessions are being worked on."""
        return len(self._tasks)

    def deliver(self, message: Message) -> None:
        """Return a message to its session, which wakes up if it sleeps."""
        session = self._session(message.instance_id)
        session.inbox.append(message)
        self._wake(session)

    def poke(self) -> None:
        """Look again whether a session may take what waits."""
        for session in list(self._sessions.values()):
            self._wake(session)

    def refresh(self, instance_id: str) -> None:
        """Forget what is in memory of an instance that was replaced or purged."""
        session = self._sessions.get(instance_id)
        if session is not None:
            session.forget()

    async def stop(self, grace_seconds: float) -> None:
        """Begin no episode any more; wait so long for those that run."""
        self._open = False
        tasks = list(self._tasks)
        if tasks:
            await asyncio.wait(tasks, timeout=grace_seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _session(self, instance_id: str) -> Session:
        session = self._sessions.pop(instance_id, None) or Session(instance_id)
        self._sessions[instance_id] = session  # the last is the one used last
        return session

    def _wake(self, session: Session) -> None:
        if not self._open or session.busy or not self._batching(session.instance_id, session.inbox):
            return
        session.busy = True
        task = asyncio.create_task(self._work(session), name=f"orchestration {session.instance_id}")
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._rest(session, done))

    def _rest(self, session: Session, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        session.busy = False
        if not task.cancelled():
            self._wake(session)  # for what came after the last look and before this
        if session.row is not None and session.row.ended and not session.busy and not session.inbox:
            self._sessions.pop(session.instance_id, None)
        self._evict()

    def _evict(self) -> None:
        """Forget those that were used longest ago; they are read again when they are needed."""
        if len(self._sessions) <= _IDLE_SESSIONS:
            return
        idle = [each for each in self._sessions.values() if not each.busy and not each.inbox]
        for session in idle[: len(self._sessions) - _IDLE_SESSIONS // 2]:
            del self._sessions[session.instance_id]

    async def _work(self, session: Session) -> None:
        pause = _PAUSE
        while self._open:
            async with self._room:
                count = self._batching(session.instance_id, session.inbox)
                if not count:
                    return
                batch = session.inbox[:count]
                del session.inbox[:count]
                try:
                    await self._episode(session, batch)
                except WorkerLost:
                    _LOG.warning("A worker died in orchestration %s: it runs again", session.instance_id)
                    session.inbox[:0] = batch
                except Exception:  # noqa: BLE001 - an engine that stops for one instance stops for all
                    _LOG.exception("An episode of %s failed in the engine", session.instance_id)
                    session.inbox[:0] = batch
                else:
                    pause = _PAUSE
                    continue
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _episode(self, session: Session, batch: list[Message]) -> None:
        if not session.loaded:
            instance_id = session.instance_id
            session.load(
                *await self._database.write(
                    lambda db: (store.instance(db, instance_id), store.history(db, instance_id))
                )
            )
        consumed = [message.message_id for message in batch]
        events, fresh = session.accept(batch)
        if not events:
            _LOG.debug("Dropped %d messages for %s", len(batch), session.instance_id)
            self._database.write_soon(lambda db: store.drop_messages(db, consumed))
            return
        episode = await self._runner.run(session, events, consumed, fresh=fresh)
        await self._database.write(lambda db: store.apply(db, episode.commit))
        session.row = episode.commit.instance
        if episode.commit.rewrite:
            session.replace_history(episode.history, episode.commit.texts)
        else:
            session.append_history(episode.history, episode.commit.texts)
        self._warn(session, episode)
        self._after(episode)

    def _warn(self, session: Session, episode: Episode) -> None:
        for warning in episode.warnings:
            if (session.instance_id, warning) not in self._warned:
                self._warned.add((session.instance_id, warning))
                _LOG.error(
                    "%s: orchestration %s of %s waits for it for ever, as it would in Azure",
                    warning,
                    episode.commit.instance.name,
                    session.instance_id,
                )
