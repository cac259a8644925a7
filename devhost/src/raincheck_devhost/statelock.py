"""One devhost per state directory: a second one would give out the first one's work again."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from pathlib import Path


class StateInUse(RuntimeError):  # what the directory is
    """Another devhost holds the state directory."""


def hold(state: Path) -> TextIO:
    """Take the lock of a state directory, made if need be; it ends with the process or the file.

    Raises StateInUse, OSError.
    """
    state.mkdir(parents=True, exist_ok=True)
    file = (state / "devhost.lock").open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read().strip() or "unknown"
        file.close()
        raise StateInUse(f"{state} is in use by another devhost (process {holder})") from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file
