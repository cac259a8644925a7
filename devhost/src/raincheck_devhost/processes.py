"""One worker process as the host sees it: started, spoken to over a socket pair, reported when it dies."""

from __future__ import annotations

import asyncio
import itertools
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from raincheck_devhost import wire
from raincheck_devhost.durable.ports import FunctionFailed, WorkerLost

if TYPE_CHECKING:
    from collections.abc import Mapping

_OWN = str(Path(__file__).resolve().parent / "__init__.py")
# The app's interpreter may lack this package, so it is told where it lies: the package alone, not the folder
# around it, where packages of the host's environment would hide the app's.
_BOOT = (
    "import sys;from importlib.util import module_from_spec,spec_from_file_location;"
    f"spec=spec_from_file_location({__package__!r},sys.argv[4]);own=module_from_spec(spec);"
    f"sys.modules[{__package__!r}]=own;spec.loader.exec_module(own);"
    f"from {__package__}.worker.process import main;main(int(sys.argv[1]),sys.argv[2],sys.argv[3])"
)
_numbers = itertools.count(1)


class AppBroken(Exception):  # the state the app is in
    """The app's code can't be loaded. `failure` holds type, message, file, line and traceback."""

    def __init__(self, failure: Mapping[str, Any]) -> None:
        super().__init__(f"{failure['type']}: {failure['message']}")
        self.failure = failure


@dataclass(frozen=True)
class Launch:
    """How worker processes are started."""

    root: Path
    environment: dict[str, str]
    log_level: str = "INFO"
    python: str = sys.executable


@dataclass(frozen=True)
class Loaded:
    """What an indexed app reports: functions' metadata, the port of its http-fastapi server, a warning."""

    functions: list[dict[str, Any]]
    http_port: int | None
    warning: str = ""


@dataclass(frozen=True)
class Answer:
    """What an invocation returned: typed data, the body beside it, and typed data by output binding."""

    value: Any
    blob: bytes = b""
    outputs: dict[str, Any] = field(default_factory=dict)


class WorkerProcess:
    """A running worker. `invoke` may be called once `loaded` has ended well."""

    def __init__(self, process: asyncio.subprocess.Process, writer: asyncio.StreamWriter) -> None:
        self.number = next(_numbers)
        self.pid = process.pid
        self.retired = False
        self._process = process
        self._writer = writer
        self._pending: dict[str, asyncio.Future[wire.Frame]] = {}
        self._loaded: asyncio.Future[Loaded] = asyncio.get_running_loop().create_future()
        self._reader: asyncio.Task[None] | None = None
        self._watcher: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, launch: Launch) -> WorkerProcess:
        """Start a process; it begins to load the app at once."""
        ours, theirs = socket.socketpair()
        with theirs:
            process = await asyncio.create_subprocess_exec(
                launch.python,
                *("-c", _BOOT, str(theirs.fileno()), str(launch.root), launch.log_level, _OWN),
                pass_fds=[theirs.fileno()],
                stdin=asyncio.subprocess.DEVNULL,
                cwd=launch.root,
                env=launch.environment,
            )
        reader, writer = await asyncio.open_unix_connection(sock=ours, limit=2**20)
        worker = cls(process, writer)
        worker._reader = asyncio.create_task(worker._read(reader))  # its own, half made
        worker._watcher = asyncio.create_task(worker._watch(reader))  # as above
        return worker

    @property
    def busy(self) -> int:
        """How many invocations are out."""
        return len(self._pending)

    @property
    def ready(self) -> bool:
        """Whether it takes invocations."""
        return self._loaded.done() and not self.retired and not self._loaded.cancelled() and self.alive

    @property
    def alive(self) -> bool:
        """Whether the process runs and can be heard."""
        return self._reader is not None and not self._reader.done()

    async def loaded(self) -> Loaded:
        """Wait for the app to be indexed. Raises AppBroken, WorkerLost."""
        return await asyncio.shield(self._loaded)

    async def gone(self) -> int | None:
        """Wait for the process to end; return its exit code."""
        if self._reader is not None:
            await asyncio.wait([self._reader])
        return await self._process.wait()

    async def invoke(
        self,
        function: str,
        inputs: Mapping[str, Any],
        *,
        invocation: str,
        blob: bytes = b"",
        metadata: Mapping[str, Any] | None = None,
        retry: Mapping[str, int] | None = None,
    ) -> Answer:
        """Run a function. Raises FunctionFailed, and WorkerLost if the process dies first.

        A caller that goes away leaves the function running to its end.
        """
        if not self.alive:
            raise WorkerLost
        answer: asyncio.Future[wire.Frame] = asyncio.get_running_loop().create_future()
        self._pending[invocation] = answer
        fields = {
            "id": invocation,
            "name": function,
            "inputs": dict(inputs),
            "metadata": dict(metadata or {}),
            "retry": dict(retry or {}),
        }
        with suppress(ConnectionError):  # the reader notices it too, and fails what is pending
            self._writer.write(wire.pack(fields, blob))
            await self._writer.drain()
        result, body = await asyncio.shield(answer)
        if not result["ok"]:
            raise FunctionFailed(result["type"], result["message"], result["stack"])
        return Answer(result["value"], body, result["outputs"])

    async def stop(self, grace: float) -> None:
        """Let running functions end, at most `grace` seconds; then end the process."""
        self.retired = True
        with suppress(ConnectionError, TimeoutError):
            self._writer.write(wire.pack({"stop": True}))
            await asyncio.wait_for(self.gone(), grace)
        self.kill()
        await self.gone()

    def kill(self) -> None:
        """End the process at once."""
        with suppress(ProcessLookupError):
            self._process.kill()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                frame = await wire.read_frame(reader)
                fields = frame.fields
                if "failed" in fields:
                    _fail(self._loaded, AppBroken(fields["failed"]))
                elif "loaded" in fields:
                    self._loaded.set_result(Loaded(fields["loaded"], fields["http_port"], fields["warning"]))
                else:
                    waiting = self._pending.pop(fields["id"], None)
                    if waiting is not None and not waiting.done():
                        waiting.set_result(frame)
        except (asyncio.IncompleteReadError, ConnectionError):
            self._bury()
        finally:
            self._writer.close()

    async def _watch(self, reader: asyncio.StreamReader) -> None:
        await self._process.wait()
        reader.feed_eof()  # a child of the worker's may still hold the other end

    def _bury(self) -> None:
        all_waiting: list[asyncio.Future[Any]] = [self._loaded, *self._pending.values()]
        for waiting in all_waiting:
            if not waiting.done():
                _fail(waiting, WorkerLost(f"worker process {self.pid} died"))
        self._pending.clear()


def _fail(waiting: asyncio.Future[Any], error: Exception) -> None:
    waiting.set_exception(error)
    waiting.exception()  # nobody may be waiting: not worth a warning
