"""`raincheck dev`, which `make up` calls: Azurite and the host in the foreground, all state in one folder.

Ends when the host ends, with its code; Ctrl-C or SIGTERM ends both. Azurite is always left to end by itself.
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from raincheck.dev.azurite import Azurite
from raincheck.dev.children import Failed, tail
from raincheck.dev.host import Host, environment_of
from raincheck.dev.local_settings import local_settings
from raincheck.dev.machine import check_app, check_port, find_azurite
from raincheck.dev.state_folder import claim, keys_to_set
from raincheck.errors import ConfigurationError
from raincheck.service.settings import Settings

__all__ = ["main"]


class Stopped(Exception):
    """A signal asked this program to end."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.code = 128 + number


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; return the exit code."""
    options = _options(arguments)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        return _up(options)
    except Stopped as stopped:
        return stopped.code
    except Failed as failure:
        sys.stderr.write(f"raincheck dev: {failure}\n")
        if failure.log:
            sys.stderr.write(f"{tail(failure.log)}\n")
        return 1


def _up(options: argparse.Namespace) -> int:
    app: Path = options.app.resolve()
    check_app(app, options.host)
    find_azurite(app)
    check_port(options.port)
    state: Path = (options.state or app / ".state").resolve()
    lock = claim(state)
    _check_settings(app, state)
    with Azurite(state / "azurite", app=app, keep=[lock]) as azurite:
        _say(f"Azurite: {', '.join(f'{name} {url}' for name, url in sorted(azurite.addresses.items()))}")
        _say(f"State:   {state}")
        env = {
            "AzureWebJobsStorage": azurite.connection_string,
            **keys_to_set(app, state, os.environ),
        }
        keys = options.keys.resolve() if options.keys else None  # the host runs in the app's folder
        host = Host(options.host, app, port=options.port, state=state / "devhost", env=env, keys=keys)
        try:
            return _watch(host, azurite)
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: host.child.process.kill())  # asked again: at once
            host.stop()
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)  # Azurite is never hurried


def _check_settings(app: Path, state: Path) -> None:
    """Read the settings as the app will: a wrong one can't be mended while the host waits for an edit.

    Raises:
        Failed: values are missing or wrong; all of them are named.
    """
    passed = environment_of({"AzureWebJobsStorage": "UseDevelopmentStorage=true"})
    try:
        Settings.from_environment({**local_settings(app), **passed, **keys_to_set(app, state, os.environ)})
    except ConfigurationError as error:
        raise Failed(str(error)) from error


def _watch(host: Host, azurite: Azurite) -> int:
    """Wait for the end of the host; say once when it answers."""
    ready, look_at, pause = False, 0.0, 0.5
    while host.child.code is None:
        if azurite.code is not None:
            raise Failed(f"Azurite ended with code {azurite.code}.", azurite.log)
        if not ready and time.monotonic() >= look_at:
            ready, look_at = host.healthy(), time.monotonic() + pause
            pause = min(pause * 1.5, 10.0)  # an app that waits for an edit may wait for long
            if ready:
                _say(f"Ready:   {host.url}/flows  (Ctrl-C ends it)")
        time.sleep(0.05)
    _say(f"The host ended with code {host.child.code}.")
    return host.child.code


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="raincheck dev",
        description="Run the app in this folder with Azurite, in the foreground; all state in one folder.",
        epilog="Settings (RAINCHECK_…) of the environment are passed on; local.settings.json is read too.",
    )
    parser.add_argument(
        "--app", type=Path, default=Path(), metavar="DIR", help="the app's folder (default: this one)"
    )
    parser.add_argument("--port", type=_port, default=7071, help="port to serve on (default: 7071)")
    parser.add_argument("--host", choices=["dev", "func"], default="dev", help="devhost, or Core Tools")
    parser.add_argument(
        "--state", type=Path, metavar="DIR", help="where all is kept (default: .state in the app's folder)"
    )
    parser.add_argument("--keys", type=Path, metavar="FILE", help="function keys to enforce (devhost only)")
    return parser.parse_args(arguments)


def _port(text: str) -> int:
    port = int(text)
    if not 0 < port < 65536:  # noqa: PLR2004 - what a port may be
        raise argparse.ArgumentTypeError(f"{port} is no port: take one from 1 to 65535")
    return port


def _stop(number: int, _: FrameType | None) -> None:
    raise Stopped(number)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
