"""A real Azurite: free ports, a folder of its own, ended by SIGTERM.

Azurite writes its metadata every five seconds, so SIGKILL would lose what it had acknowledged: never do that.
"""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

__all__ = ["ACCOUNT", "KEY", "Azurite", "available"]

ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="  # public
_PLACES = [folder / "node_modules" / ".bin" for folder in Path(__file__).parents]
_LISTENING = re.compile(r"Azurite (\w+) service is successfully listening at http://([\d.]+:\d+)")
_STARTS_WITHIN = 60.0  # seconds; a busy machine takes ten
_ENDS_WITHIN = 30.0


def available() -> bool:
    """Whether Node and Azurite are installed."""
    return _program() is not None and shutil.which("node") is not None


def _program() -> str | None:
    """Find it as Node would, in the nearest node_modules, or on the path."""
    return shutil.which("azurite", path=os.pathsep.join(map(str, _PLACES))) or shutil.which("azurite")


class Azurite:
    """A context: Azurite runs inside it, and `connection_string` leads to it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._ports = dict.fromkeys(("blob", "queue", "table"), "0")
        self.connection_string = ""

    def start(self) -> Self:
        """Start it and wait until blobs, queues and tables answer; a second start has the same ports.

        Raises:
            RuntimeError: it ended or didn't start in time; its output is in the text.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        output = self._folder / "azurite.out"
        options = [part for kind, port in self._ports.items() for part in (f"--{kind}Port", port)]
        options += [
            "--skipApiVersionCheck",
            "--disableTelemetry",
            "--silent",
            "--location",
            str(self._folder),
        ]
        with output.open("wb") as sink:
            self._process = subprocess.Popen(
                [_program() or "azurite", *options],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a Ctrl-C on the tests must not hit it before they are done
            )
        limit = time.monotonic() + _STARTS_WITHIN
        while time.monotonic() < limit and self._process.poll() is None:
            found = dict(_LISTENING.findall(output.read_text(errors="replace")))
            if len(found) == 3:
                self.connection_string = _connection_string(found)
                self._ports = {kind.lower(): at.rpartition(":")[2] for kind, at in found.items()}
                return self
            time.sleep(0.05)
        self.stop()
        raise RuntimeError(f"Azurite did not start: {output.read_text(errors='replace')[-2000:]}")

    def stop(self) -> None:
        """End it by SIGTERM and wait for it; what it acknowledged is on disk then."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(_ENDS_WITHIN)
            self._process = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _connection_string(addresses: dict[str, str]) -> str:
    endpoints = (f"{kind}Endpoint=http://{addresses[kind]}/{ACCOUNT};" for kind in ("Blob", "Queue", "Table"))
    return f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};" + "".join(endpoints)
