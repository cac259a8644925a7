"""Azurite and devhost on free ports with a folder of their own, for programs that use the app and end.

They see the app as it comes: settings of the environment and of local.settings.json are blanked.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from raincheck.dev.azurite import Azurite
from raincheck.dev.host import Host
from raincheck.dev.local_settings import local_settings
from raincheck.dev.ports import free_port
from raincheck.dev.state_folder import claim, signing_keys

__all__ = ["Stack", "stack", "storage"]


@dataclass(frozen=True)
class Stack:
    """A running app. `url` is its API's base."""

    url: str
    host: Host


@contextmanager
def storage(folder: Path, app: Path) -> Iterator[Azurite]:
    """Run Azurite, the app's own where it has one.

    Raises:
        Failed: it didn't start.
    """
    with Azurite(folder / "azurite", app=app, keep=[claim(folder)]) as azurite:
        yield azurite


@contextmanager
def stack(folder: Path, azurite: Azurite, settings: Mapping[str, str], *, app: Path) -> Iterator[Stack]:
    """Run the host on a free port; it answers when the block begins. `app` is the app's folder.

    Raises:
        Failed: it didn't start; `log` is the host's.
    """
    own = [name for name in (*os.environ, *local_settings(app)) if name.startswith("RAINCHECK_")]
    env = {
        **dict.fromkeys(own, ""),
        "AzureWebJobsStorage": azurite.connection_string,
        "RAINCHECK_SIGNING_KEYS": signing_keys(folder),
        **settings,
    }
    log = folder / "host.log"
    host = Host("dev", app, port=free_port(), state=folder / "devhost", env=env, log=log, watch=False)
    try:
        host.wait_until_healthy()
        yield Stack(host.url, host)
    finally:
        host.stop()
