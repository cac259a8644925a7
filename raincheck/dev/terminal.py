"""Calm output: a line for each thing that happened, a moving line while something takes time."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["Terminal"]

_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
_CLEAR = "\r\x1b[2K"


class Terminal:
    """Writes to standard output. Colours and moving lines on a terminal only; NO_COLOR is honoured."""

    def __init__(self) -> None:
        self.moving = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
        self._colours = self.moving and not os.environ.get("NO_COLOR")
        self._unicode = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"

    def style(self, text: str, *names: str) -> str:
        """Colour a text."""
        if not self._colours or not names:
            return text
        return f"\x1b[{';'.join(_STYLES[name] for name in names)}m{text}\x1b[0m"

    def write(self, text: str) -> None:
        """Write as it is."""
        if not self._unicode:
            text = text.encode(sys.stdout.encoding or "ascii", "replace").decode(sys.stdout.encoding)
        sys.stdout.write(text)
        sys.stdout.flush()

    def line(self, text: str = "") -> None:
        """Write a line."""
        self.write(f"{text}\n")

    def title(self, text: str) -> None:
        """Begin a part."""
        self.line()
        self.line(self.style(text, "bold"))

    def done(self, text: str, detail: str = "") -> None:
        """Say that something went well."""
        mark = self.style("✓" if self._unicode else "*", "green")
        self.line(f"  {mark} {text}" + (f"  {self.style(detail, 'dim')}" if detail else ""))

    def failed(self, text: str) -> None:
        """Say that something went wrong."""
        mark = self.style("✗" if self._unicode else "!", "red")
        self.line(f"  {mark} {text}")

    @contextmanager
    def working(self, text: str) -> Iterator[Callable[[str], None]]:
        """Show a moving line while the block runs; call what it gives to change the text."""
        if not self.moving:
            yield lambda _: None
            return
        shown, ended = [text], threading.Event()

        def move() -> None:
            began, frame = time.monotonic(), 0
            while not ended.wait(0.1):
                spent = f"{time.monotonic() - began:.0f} s"
                spinner = self.style(_FRAMES[frame % len(_FRAMES)] if self._unicode else "-", "cyan")
                self.write(f"{_CLEAR}  {spinner} {shown[0]}  {self.style(spent, 'dim')}")
                frame += 1

        thread = threading.Thread(target=move, daemon=True)
        thread.start()
        try:
            yield lambda changed: shown.__setitem__(0, changed)
        finally:
            ended.set()
            thread.join()
            self.write(_CLEAR)
