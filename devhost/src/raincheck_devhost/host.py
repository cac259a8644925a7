"""The host process: reads the options and settings, starts the first worker, hands over to the session."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
from typing import TYPE_CHECKING

from raincheck_devhost import statelock
from raincheck_devhost.keys import Keys
from raincheck_devhost.listening import listen
from raincheck_devhost.options import Options, parse
from raincheck_devhost.processes import Launch
from raincheck_devhost.settings import SettingsError, apply_local_settings, read_host_json, worker_environment
from raincheck_devhost.worker.logs import not_twice
from raincheck_devhost.worker_pool import Workers

if TYPE_CHECKING:
    from raincheck_devhost.settings import HostSettings

_log = logging.getLogger("raincheck_devhost")
_WRONG_USE, _START_AGAIN = 2, -1


def main(arguments: list[str] | None = None) -> int:
    """Run devhost; return the exit code."""
    options = parse(arguments)
    environment = dict(os.environ)
    try:
        added = apply_local_settings(options.app, os.environ)
        settings = read_host_json(options.app)
        keys = Keys.read(options.keys)
        listener = _listen(options.host, options.port)
        lock = statelock.hold(options.state)
    except (SettingsError, ValueError, statelock.StateInUse, OSError) as error:
        print(f"raincheck-devhost: {error}", file=sys.stderr)  # noqa: T201 - what a command says when it can't start
        return _WRONG_USE
    _configure_logs(settings.log_level)
    if added:
        _log.info("settings from local.settings.json: %s", ", ".join(sorted(added)))
    with lock, listener:
        code = asyncio.run(_run(options, settings, keys, listener))
    if code == _START_AGAIN:  # host.json or local.settings.json was edited; the state is on disk
        again = [sys.executable, "-m", __package__, *(sys.argv[1:] if arguments is None else arguments)]
        os.execve(sys.executable, again, environment)  # noqa: S606 - this program itself
    return code


def _listen(host: str, port: int) -> socket.socket:
    try:
        return listen(host, port)
    except OSError as error:
        cause = os.strerror(error.errno or 0)
        raise OSError(f"port {port} on {host} can't be used: {cause}; choose another with --port") from None


def _configure_logs(level: str) -> None:
    logging.basicConfig(
        level=level, stream=sys.stderr, format="%(asctime)s %(levelname)-7s %(message)s", datefmt="%H:%M:%S"
    )
    logging.getLogger("uvicorn.error").addFilter(not_twice)
    for noisy in ("azure", "urllib3", "httpcore", "uvicorn", "watchfiles", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


async def _run(options: Options, settings: HostSettings, keys: Keys, listener: socket.socket) -> int:
    ending = asyncio.Event()
    _on_signals(ending)
    port = listener.getsockname()[1]
    environment = worker_environment(port, options.app, shows_broken=options.broken_app == "show")
    launch = Launch(options.app, environment, settings.log_level, options.python)
    workers = Workers(launch, options.workers, settings.function_timeout, options.grace)
    loading = asyncio.create_task(workers.prepare())  # the app loads while the host imports its own parts

    from raincheck_devhost.session import Session  # noqa: PLC0415 - see above

    return await Session(options, settings, keys, workers, port).run(loading, listener, ending)


def _on_signals(ending: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()

    def received(number: int) -> None:
        if ending.is_set():
            os._exit(128 + number)  # workers die with the host, by themselves
        ending.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, received, number)
