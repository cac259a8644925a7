"""The host process: puts the parts together, starts them, reloads them, ends them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from typing import TYPE_CHECKING

from devhost import options, statelock
from devhost.processes import Launch
from devhost.settings import SettingsError, apply_local_settings, read_host_json, worker_environment
from devhost.web.keys import Keys
from devhost.worker.logs import not_twice
from devhost.workers import Workers

if TYPE_CHECKING:
    from devhost.app import App
    from devhost.options import Options
    from devhost.parts import Parts
    from devhost.settings import HostSettings

_log = logging.getLogger("devhost")
_APP_BROKEN, _WRONG_USE = 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Run devhost; gives the exit code."""
    given = options.parse(arguments)
    try:
        added = apply_local_settings(given.app, os.environ)
        settings = read_host_json(given.app)
        keys = Keys.read(given.keys)
        listener = _listen(given.host, given.port)
        lock = statelock.hold(given.state)
    except (SettingsError, ValueError, statelock.StateInUse, OSError) as error:
        print(f"devhost: {error}", file=sys.stderr)  # noqa: T201  # what a command says when it can't start
        return _WRONG_USE
    _configure_logs(settings.log_level)
    if added:
        _log.info("settings from local.settings.json: %s", ", ".join(sorted(added)))
    with lock, listener:
        return asyncio.run(_run(given, settings, keys, listener))


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=2048)
    except OSError as error:
        raise OSError(
            f"port {port} on {host} can't be used: {error.strerror}; choose another with --port"
        ) from None


def _configure_logs(level: str) -> None:
    logging.basicConfig(
        level=level, stream=sys.stderr, format="%(asctime)s %(levelname)-7s %(message)s", datefmt="%H:%M:%S"
    )
    logging.getLogger("uvicorn.error").addFilter(not_twice)
    for noisy in ("azure", "urllib3", "httpcore", "uvicorn", "watchfiles", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


async def _run(given: Options, settings: HostSettings, keys: Keys, listener: socket.socket) -> int:
    ending = asyncio.Event()
    _on_signals(ending)
    port = listener.getsockname()[1]
    launch = Launch(given.app, worker_environment(port, given.app), settings.log_level, given.python)
    workers = Workers(launch, given.workers, settings.function_timeout, given.grace)
    loading = asyncio.create_task(workers.prepare())  # the app loads while the host imports its own parts

    from devhost.parts import Parts  # noqa: PLC0415  # see above

    parts = Parts(given, settings, keys, workers, port)
    try:
        await loading
        if not await _load(parts.app, parts, ending) and not given.watch:
            return _APP_BROKEN
        await _serve(parts, listener, ending, given)
    finally:
        await parts.close()
    return 0


async def _load(app: App, parts: Parts, ending: asyncio.Event) -> bool:
    renewing = asyncio.create_task(app.renew())
    stopped = asyncio.create_task(ending.wait())
    await asyncio.wait({renewing, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not renewing.done():
        renewing.cancel()
        return False
    if not renewing.result():
        print(f"\n{app.broken}\n", file=sys.stderr, flush=True)  # noqa: T201  # the terminal is the interface
        return False
    await parts.loaded()
    return True


async def _serve(parts: Parts, listener: socket.socket, ending: asyncio.Event, given: Options) -> None:
    import uvicorn  # noqa: PLC0415  # costs time that the app's own loading hides

    from devhost.edits import edits  # noqa: PLC0415  # as above

    config = uvicorn.Config(
        parts.front,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        h11_max_incomplete_event_size=65536,
        timeout_keep_alive=120,
        timeout_graceful_shutdown=max(1, round(given.grace)),
    )
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext  # type: ignore[assignment]  # signals are ours
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    if parts.app.broken:
        _log.info("waiting for an edit of %s", given.app)
    if given.watch:
        async for files in edits(given.app, ending):
            _log.info("edited: %s", ", ".join(sorted(each.name for each in files)))
            if any(each.suffix == ".json" for each in files):
                _log.warning(
                    "host.json and local.settings.json are read at the start: restart devhost for them"
                )
            if not await _load(parts.app, parts, ending) and parts.app.broken:
                _log.info("waiting for the next edit of %s", given.app)
    else:
        await ending.wait()
    _log.info("ending; what runs has %s s", given.grace)
    server.should_exit = True
    await asyncio.gather(serving, parts.quiesce(given.grace))


def _on_signals(ending: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()

    def received(number: int) -> None:
        if ending.is_set():
            os._exit(128 + number)  # workers die with the host, by themselves
        ending.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, received, number)
