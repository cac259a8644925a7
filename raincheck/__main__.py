"""`raincheck`, and `python -m raincheck`: make an app, run it here, call it wherever it runs."""

import importlib
import sys
from collections.abc import Sequence

__all__ = ["main"]

_PROGRAMS = {
    "new": ("raincheck.dev.new", "make an app of your own in a new folder"),
    "dev": ("raincheck.dev.up", "run the app in this folder, with local storage"),
    "record": ("raincheck.testing.command_line", "record the histories that the flows must replay"),
    "upgrade": ("raincheck.dev.upgrade", "take a newer Raincheck into the app in this folder"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; return the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words and words[0] in _PROGRAMS:
        module, _ = _PROGRAMS[words[0]]
        code: int = importlib.import_module(module).main(words[1:])
        return code
    from raincheck.client import command_line  # noqa: PLC0415 - it brings an HTTP client

    return command_line.main(words, programs={name: text for name, (_, text) in _PROGRAMS.items()})


if __name__ == "__main__":
    sys.exit(main())
