"""From the first load to the end: serves, loads anew after each edit, ends what runs."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import sys
from typing import TYPE_CHECKING

from raincheck_devhost.edits import edits_into
from raincheck_devhost.parts import Parts
from raincheck_devhost.serving import quiet_server

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from raincheck_devhost.keys import Keys
    from raincheck_devhost.options import Options
    from raincheck_devhost.settings import HostSettings
    from raincheck_devhost.worker_pool import Workers

_log = logging.getLogger("raincheck_devhost")
_APP_BROKEN, _WRONG_USE = 1, 2
_START_AGAIN = -1


class Session:
    """One run of devhost."""

    def __init__(
        self, options: Options, settings: HostSettings, keys: Keys, workers: Workers, port: int
    ) -> None:
        self._options = options
        self._parts = Parts(options, settings, keys, workers, port)
        self._edited: asyncio.Queue[set[Path]] = asyncio.Queue()

    async def run(self, launching: asyncio.Task[None], listener: socket.socket, ending: asyncio.Event) -> int:
        """Run until `ending` is set; return the exit code, _START_AGAIN if a settings file was edited."""
        watch = self._options.watch
        watching = edits_into(self._edited, self._options.app, ending) if watch else ending.wait()
        watched = asyncio.create_task(watching)
        try:
            await launching
            if not await self._load(ending) and not watch and not ending.is_set():
                return _APP_BROKEN
            again = await self._serve(listener, ending)
        except sqlite3.Error as error:
            _log.error("the state in %s can't be used: %s", self._options.state, error)  # says it all
            return _WRONG_USE
        finally:
            ending.set()
            await watched
            await self._parts.close()
        return _START_AGAIN if again else 0

    async def _load(self, ending: asyncio.Event) -> bool:
        app = self._parts.app
        renewing = asyncio.create_task(app.renew())
        if not await _before(ending, renewing):
            return False
        if app.broken is not None:
            print(f"\n{app.broken}\n", file=sys.stderr, flush=True)  # noqa: T201 - the terminal is the interface
            return False
        await self._parts.loaded()
        return True

    async def _serve(self, listener: socket.socket, ending: asyncio.Event) -> bool:
        grace = self._options.grace
        server = quiet_server(self._parts.front, grace)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        again = False
        while not ending.is_set() and not again:
            if self._parts.app.broken is not None:
                _log.info("waiting for an edit of %s", self._options.app)
            edit = asyncio.create_task(self._edited.get())
            if await _before(ending, edit):
                _log.info("edited: %s", ", ".join(sorted(each.name for each in edit.result())))
                again = any(each.suffix == ".json" for each in edit.result())
                if not again:
                    await self._load(ending)
        _log.info("%s; what runs has %s s", "starting again" if again else "ending", grace)
        server.should_exit = True
        await asyncio.gather(serving, self._parts.quiesce(grace))
        return again and not ending.is_set()


async def _before(ending: asyncio.Event, task: asyncio.Task[object]) -> bool:
    """Wait for a task, but no longer than until the end; return whether it is done. It is cancelled else."""
    ended = asyncio.create_task(ending.wait())
    await asyncio.wait({task, ended}, return_when=asyncio.FIRST_COMPLETED)
    ended.cancel()
    if not task.done():
        task.cancel()
    return task.done()
