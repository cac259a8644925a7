"""Azurite, the local Azure Storage: free ports, a folder of its own, ended by SIGTERM only.

It writes its metadata every five seconds: SIGKILL would lose what it has acknowledged.
"""

import re
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from raincheck.dev.children import Child, Failed, tail
from raincheck.dev.machine import find_azurite

__all__ = ["Azurite"]

_ACCOUNT = "devstoreaccount1"
_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="  # public
_SERVICES = ("Blob", "Queue", "Table")
_LISTENING = re.compile(r"Azurite (\w+) service is successfully listening at (http://[\d.]+:\d+)")
_STARTS_WITHIN = 60.0  # seconds
_ENDS_WITHIN = 60.0


class Azurite:
    """A context: Azurite runs inside it. `addresses` by service: Blob, Queue, Table.

    `app`: the folder whose Azurite it is; `access_log`: write each request to `log`.
    """

    def __init__(
        self, folder: Path, *, app: Path, keep: Sequence[int] = (), access_log: bool = False
    ) -> None:
        self.log = folder / "azurite.log"
        self.addresses: dict[str, str] = {}
        self._folder = folder
        self._app = app
        self._keep = keep
        self._access_log = access_log
        self._child: Child | None = None

    @property
    def connection_string(self) -> str:
        """What `AzureWebJobsStorage` is set to."""
        endpoints = "".join(f"{name}Endpoint={self.addresses[name]}/{_ACCOUNT};" for name in _SERVICES)
        return f"DefaultEndpointsProtocol=http;AccountName={_ACCOUNT};AccountKey={_KEY};{endpoints}"

    @property
    def code(self) -> int | None:
        """Its exit code; None while it runs."""
        return self._child.code if self._child else None

    def __enter__(self) -> Self:
        """Start it and wait until all services listen.

        Raises:
            Failed: Node or Azurite isn't there, or it didn't start.
        """
        command = [*find_azurite(self._app), "--location", str(self._folder)]
        self._folder.mkdir(parents=True, exist_ok=True)
        command += [
            "--skipApiVersionCheck",
            "--disableTelemetry",
            *([] if self._access_log else ["--silent"]),
        ]
        command += [word for name in _SERVICES for word in (f"--{name.lower()}Port", "0")]
        self._child = Child(command, log=self.log, keep=self._keep)
        try:
            self._wait_until_listening()
        except BaseException:
            self.stop()
            raise
        return self

    def _wait_until_listening(self) -> None:
        limit = time.monotonic() + _STARTS_WITHIN
        while len(self.addresses) < len(_SERVICES):
            if self.code is not None or time.monotonic() > limit:
                raise Failed("Azurite did not start.", self.log)
            time.sleep(0.05)
            self.addresses = dict(_LISTENING.findall(tail(self.log)))

    def stop(self) -> None:
        """End it; what it acknowledged is on disk then."""
        if self._child and self._child.stop(signal.SIGTERM, within=_ENDS_WITHIN, then_kill=False) is None:
            sys.stderr.write(f"Azurite (pid {self._child.process.pid}) still writes; it ends by itself.\n")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
