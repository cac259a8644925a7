"""The worker process: indexes the app, then answers `invoke` frames until told to stop.

It ends at once when the host is gone, however busy its loop is: a thread of its own reads the channel,
and Linux is asked for a signal on the parent's death besides.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from raincheck_devhost import wire
from raincheck_devhost.worker import coordinator, logs

_PR_SET_PDEATHSIG = 1
_INDEXING = (
    "on Azure with Python 3.12 or older no function of this app would load: functions in http-fastapi style "
    "need the app setting PYTHON_ENABLE_INIT_INDEXING=1"
)


def main(channel_fd: int, app_root: str, level: str) -> None:
    """Run the worker on an inherited socket; never returns."""
    _die_with_parent()
    for number in (signal.SIGINT, signal.SIGTERM):  # they may reach the whole group; the host decides
        signal.signal(
            number, lambda _number, _frame: None
        )  # not SIG_IGN: programs started here would inherit it
    logs.configure(level)
    os.set_inheritable(channel_fd, False)  # noqa: FBT003 - positional only
    channel = socket.socket(fileno=channel_fd)
    root = Path(app_root)
    sys.path[:] = [str(root), *(each for each in sys.path if each not in ("", str(root)))]
    asyncio.run(_serve(channel, root))
    _leave(0)


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _indexes_late() -> bool:
    wanted = os.environ.get("PYTHON_ENABLE_INIT_INDEXING", "").lower() in ("1", "true")
    return sys.version_info < (3, 13) and not wanted


def _leave(code: int) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # threads that run user code must not hold the process


async def _serve(channel: socket.socket, root: Path) -> None:
    from raincheck_devhost.worker.index import describe_failure, index_app  # noqa: PLC0415 - imports the SDK

    loop = asyncio.get_running_loop()
    lock = threading.Lock()

    def send(frame: wire.Frame) -> None:
        data = wire.pack(*frame)
        with lock:
            channel.sendall(data)

    coordinator.register()
    try:
        functions = index_app(root)
    except BaseException as error:  # noqa: BLE001 - an app may raise anything, SystemExit too
        send(wire.Frame({"failed": describe_failure(error, root)}))
        return
    session = _Session(functions, root, send)
    frames: asyncio.Queue[wire.Frame] = asyncio.Queue()
    reader = threading.Thread(target=_read, args=(channel, loop, frames), daemon=True)
    reader.start()
    metadata = [each.metadata for each in functions.values()]
    warning = _INDEXING if session.http_port is not None and _indexes_late() else ""
    send(wire.Frame({"loaded": metadata, "http_port": session.http_port, "warning": warning}))
    await session.run(frames)


def _read(channel: socket.socket, loop: asyncio.AbstractEventLoop, frames: asyncio.Queue[wire.Frame]) -> None:
    try:
        while True:
            frame = wire.receive_frame(channel)
            loop.call_soon_threadsafe(frames.put_nowait, frame)
    except (EOFError, OSError):
        os._exit(1)  # the host is gone: what runs here would be nobody's


class _Session:
    def __init__(self, functions: dict[str, Any], root: Path, send: Any) -> None:
        from raincheck_devhost.worker.http_v2 import open_server, web_extension  # noqa: PLC0415 - imports the SDK
        from raincheck_devhost.worker.invocation import Invoker  # noqa: PLC0415 - as above

        count = os.environ.get("PYTHON_THREADPOOL_THREAD_COUNT")
        threads = ThreadPoolExecutor(int(count) if count else None, thread_name_prefix="ThreadPoolExecutor-0")
        self._send = send
        self._running: set[asyncio.Task[None]] = set()
        self._invoker = Invoker(functions, str(root), threads)
        self._server: Any = None
        self.http_port: int | None = None
        if web_extension() is not None:
            self._invoker.over_http = True
            self.http_port, self._server, self._serving = open_server()

    async def run(self, frames: asyncio.Queue[wire.Frame]) -> None:
        while True:
            frame = await frames.get()
            if "stop" in frame.fields:
                break
            task = asyncio.create_task(self._answer(frame))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        if self._running:
            await asyncio.wait(self._running)
        if self._server is not None:
            self._server.should_exit = True  # open streams may end; the host's grace limits them
            await self._serving
        _leave(0)

    async def _answer(self, frame: wire.Frame) -> None:
        answer = await self._invoker.run(frame)
        try:
            self._send(answer)
        except (TypeError, ValueError) as error:  # something that is no JSON after all
            text = f"{type(error).__name__}: {error}"
            failed = {"ok": False, "type": type(error).__name__, "message": text, "stack": ""}
            self._send(wire.Frame({"id": frame.fields["id"], **failed}))
