"""SQLite on threads of its own: one writes, with group commit; one reads, from snapshots.

WAL with synchronous=NORMAL: whatever was acknowledged survives the death of the process (SIGKILL included).
A power cut may take the last moments; then the file is still whole.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import sqlite3
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_SCHEMA = (Path(__file__).parent / "schema.sql").read_text(encoding="utf-8")
_BATCH = 512
_STOP: Any = object()


_LOG = logging.getLogger("raincheck_devhost.durable")


def _report(written: asyncio.Future[object]) -> None:
    if not written.cancelled() and (error := written.exception()) is not None:
        _LOG.critical("The state file can't be written", exc_info=error)


def connected(path: Path) -> sqlite3.Connection:
    """Open the file, made if need be. Raises sqlite3.DatabaseError if it is no database."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA busy_timeout=10000")
    return connection


class _Lane(threading.Thread):
    """Runs functions on one connection, as many as wait in one transaction, and answers after its commit."""

    def __init__(self, connection: sqlite3.Connection, begin: str, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self._connection, self._begin = connection, begin
        self._loop = asyncio.get_running_loop()
        self._waiting: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._afterwards = ""

    def submit(self, work: Callable[[sqlite3.Connection], T]) -> asyncio.Future[T]:
        future: asyncio.Future[T] = self._loop.create_future()
        self._waiting.put((work, future))
        return future

    def submit_alone(self, statement: str) -> None:
        """Run a statement outside of a transaction, once what waits now is written."""
        self._afterwards = statement
        self.submit(lambda _: None)

    def stop(self) -> None:
        self._waiting.put(_STOP)
        self.join(timeout=30)
        self._connection.close()

    def run(self) -> None:
        while (first := self._waiting.get()) is not _STOP:
            batch, stop = self._batch_from(first)
            self._tell(self._run(batch))
            statement, self._afterwards = self._afterwards, ""
            if statement:
                with contextlib.suppress(sqlite3.Error):  # room that isn't given back now is later
                    self._connection.executescript(statement)  # steps to the end, unlike execute
            if stop:
                return

    def _batch_from(self, first: Any) -> tuple[list[Any], bool]:
        batch = [first]
        while len(batch) < _BATCH:
            try:
                another = self._waiting.get_nowait()
            except queue.Empty:
                break
            if another is _STOP:
                return batch, True
            batch.append(another)
        return batch, False

    def _run(self, batch: list[Any]) -> list[tuple[asyncio.Future[Any], Any, BaseException | None]]:
        answers: list[tuple[asyncio.Future[Any], Any, BaseException | None]] = []
        try:
            self._connection.execute(self._begin)
            for work, future in batch:
                self._connection.execute("SAVEPOINT work")
                try:
                    answers.append((future, work(self._connection), None))
                except Exception as error:  # noqa: BLE001 - the caller gets it; the others' work stands
                    self._connection.execute("ROLLBACK TO work")
                    answers.append((future, None, error))
                self._connection.execute("RELEASE work")
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            return [(future, None, error) for _, future in batch]
        return answers

    def _tell(self, answers: list[tuple[asyncio.Future[Any], Any, BaseException | None]]) -> None:
        def tell() -> None:
            for future, value, error in answers:
                if future.cancelled():
                    continue
                if error is not None:
                    future.set_exception(error)
                else:
                    future.set_result(value)

        with contextlib.suppress(RuntimeError):  # the loop is gone: nobody waits any more
            self._loop.call_soon_threadsafe(tell)


class Database:
    """The state file. `write` and `read` run a function on a connection, off the event loop, in order."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        writing = connected(path)
        writing.executescript(_SCHEMA)
        self._writer = _Lane(writing, "BEGIN IMMEDIATE", "durable-writer")
        self._reader = _Lane(connected(path), "BEGIN", "durable-reader")
        self._writer.start()
        self._reader.start()

    def write(self, work: Callable[[sqlite3.Connection], T]) -> asyncio.Future[T]:
        """Run `work` in a transaction; done when that is committed."""
        return self._writer.submit(work)

    def write_soon(self, work: Callable[[sqlite3.Connection], object]) -> None:
        """Write without waiting: order is kept, so whatever is written later comes with it or not at all."""
        self.write(work).add_done_callback(_report)

    def read(self, work: Callable[[sqlite3.Connection], T]) -> asyncio.Future[T]:
        """Run `work` on a snapshot of what is committed."""
        return self._reader.submit(work)

    def shrink(self) -> None:
        """Return freed pages back to the file system, soon."""
        self._writer.submit_alone("PRAGMA incremental_vacuum")

    def close(self) -> None:
        """Write what waits, then close."""
        self._writer.stop()
        self._reader.stop()
