"""Becomes a command that Linux sends SIGTERM to when the process that started it dies, by SIGKILL too."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1

if __name__ == "__main__":
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    parent, *command = sys.argv[1:]
    if os.getppid() != int(parent):
        sys.exit(1)  # it was gone before
    os.execv(command[0], command)  # noqa: S606 - that is what it is for
