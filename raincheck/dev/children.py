"""Child processes that don't outlive this one, don't hear its Ctrl-C, and write to a log."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["Child", "Failed", "tail"]

_GUARD = Path(__file__).with_name("until_parent_ends.py")


class Failed(Exception):
    """Something of ours didn't go as it should. The text is fit for a person; `log` may tell more."""

    def __init__(self, text: str, log: Path | None = None) -> None:
        super().__init__(text)
        self.log = log


class Child:
    """A child process in a session of its own; on Linux it gets SIGTERM when this process dies.

    `command` begins with a path; `log` takes its output, or None: it writes where this process does; `keep`
    are descriptors to hand on. Make it on the main thread: Linux means the thread when it says parent.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path | None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        keep: Sequence[int] = (),
    ) -> None:
        if sys.platform == "linux":
            command = [sys.executable, "-I", str(_GUARD), str(os.getpid()), *command]
        with (log or Path(os.devnull)).open("wb") as sink:
            self.process = subprocess.Popen(  # noqa: S603 - our own commands
                command,
                stdin=subprocess.DEVNULL,
                stdout=sink if log else None,
                stderr=subprocess.STDOUT if log else None,
                env=dict(env) if env is not None else None,
                cwd=cwd,
                pass_fds=keep,
                start_new_session=True,
            )

    @property
    def code(self) -> int | None:
        """Its exit code, as a shell counts; None while it runs."""
        code = self.process.poll()
        return code if code is None or code >= 0 else 128 - code

    def stop(self, number: signal.Signals, *, within: float, then_kill: bool) -> int | None:
        """Signal it and wait for its end; give its code, or None where it still runs."""
        if self.code is None:
            self.process.send_signal(number)
            if not self._ended(within) and then_kill:
                self.process.kill()
                self._ended(5)
        return self.code

    def _ended(self, within: float) -> bool:
        limit = time.monotonic() + within
        while self.code is None and time.monotonic() < limit:
            time.sleep(0.02)
        return self.code is not None


def tail(file: Path, lines: int = 30) -> str:
    """Return the last lines of a log."""
    try:
        return "\n".join(file.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
    except FileNotFoundError:
        return ""
