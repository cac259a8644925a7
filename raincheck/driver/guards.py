"""While a branch of a flow is stepped, nothing but durable operations may happen on that thread.

An audit hook catches sockets, subprocesses and, from Python 3.13 on, `time.sleep`, of which older ones don't
tell; a running loop that refuses everything catches asyncio. Both are active only between `stepping()` and
its end, on that thread. What they refuse is also noted in the guard, so that a flow that catches the
exception doesn't get away with a different history.
"""

import asyncio  # noqa: TID251 - what it guards against
import sys
import sysconfig
import threading  # noqa: TID251 - the guard is active on one thread only
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn

from raincheck.errors import FlowBug

__all__ = ["RULE", "Guard", "line_among", "line_of", "refuse_in_flow", "stepping", "unguarded"]

_BLOCKED = ("socket.", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "time.sleep")
_LIBRARY = ("/site-packages/", "/dist-packages/", f"{sysconfig.get_path('stdlib')}/".replace("\\", "/"))
_active = threading.local()
RULE = "A flow may only await durable operations: put this into a step and await run.step(...)."


class Guard:
    """Remembers the first thing that was refused."""

    def __init__(self) -> None:
        self.bug: FlowBug | None = None

    def refuse(self, what: str) -> NoReturn:
        """Note and raise."""
        bug = FlowBug(
            f"{what} at {line_of(sys._getframe(1))}. {RULE}",  # noqa: SLF001 - the one way to name the line
            code="not_durable",
        )
        self.bug = self.bug or bug
        raise bug


class _NoLoop:
    """Stands where the running loop would be, and refuses whatever is asked of it."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("_"):
            return object.__getattribute__(self, name)
        return self._guard.refuse(f"asyncio was used (loop.{name})")

    def __hash__(self) -> int:
        # asyncio looks the current task up by its loop, and so do libraries to find out which loop runs
        if sys._getframe(1).f_globals.get("__name__") == "logging":  # noqa: SLF001 - it names tasks in its lines
            return id(self)
        return self._guard.refuse("asyncio was used (current_task)")


def _hook(event: str, args: tuple[Any, ...]) -> None:  # noqa: ARG001 - the signature of an audit hook
    guard: Guard | None = getattr(_active, "guard", None)
    if guard is not None and event.startswith(_BLOCKED):
        _active.guard = None  # what the refusal itself does is not looked at
        try:
            guard.refuse(f"I/O was done ({event})")
        finally:
            _active.guard = guard


_installed = threading.Lock()
_hooked: list[bool] = []


def _install() -> None:
    """Install the hook once a process, and only where flows are driven: it can't be taken out again."""
    with _installed:
        if not _hooked:
            sys.addaudithook(_hook)
            _hooked.append(True)


@contextmanager
def unguarded() -> Iterator[None]:
    """Let something of ours through that may do I/O, such as a log handler."""
    guard: Guard | None = getattr(_active, "guard", None)
    loop: Any = asyncio._get_running_loop()  # noqa: SLF001 - documented for event loop authors
    _active.guard = None
    if isinstance(loop, _NoLoop):
        asyncio._set_running_loop(None)  # noqa: SLF001 - as above
    try:
        yield
    finally:
        _active.guard = guard
        asyncio._set_running_loop(loop)  # noqa: SLF001 - as above


@contextmanager
def stepping(guard: Guard) -> Iterator[None]:
    """Guard this thread until the block ends."""
    _install()
    outer: Guard | None = getattr(_active, "guard", None)
    loop = asyncio._get_running_loop()  # noqa: SLF001 - documented for event loop authors
    asyncio._set_running_loop(_NoLoop(guard))  # type: ignore[arg-type]  # noqa: SLF001 - as above
    _active.guard = guard
    try:
        yield
    finally:
        _active.guard = outer
        asyncio._set_running_loop(loop)  # noqa: SLF001 - as above


def refuse_in_flow(instead: str) -> None:
    """Refuse a direct call of a step while a flow is driven on this thread."""
    guard: Guard | None = getattr(_active, "guard", None)
    if guard is not None:
        guard.refuse(f"A step was called directly instead of {instead}")


def line_of(frame: FrameType | None) -> str:
    """`orchestrators/order.py:12`: the innermost line, from this frame outwards, that is the flow's own."""
    lines = []
    while frame is not None:
        lines.append((frame, frame.f_lineno))
        frame = frame.f_back
    return line_among(lines)


def line_among(lines: Iterable[tuple[FrameType, int]]) -> str:
    """`orchestrators/order.py:12`: the first line that is neither Python's, a package's, nor ours."""
    for frame, number in lines:
        name = frame.f_code.co_filename.replace("\\", "/")
        module = str(frame.f_globals.get("__name__", ""))
        if not any(part in name for part in _LIBRARY) and not name.startswith("<") and not _ours(module):
            return f"{'/'.join(name.rsplit('/', 2)[-2:])}:{number}"
    return "an unknown line"


def _ours(module: str) -> bool:
    return module == "raincheck" or module.startswith("raincheck.")
