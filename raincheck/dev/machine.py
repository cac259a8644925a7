"""What a developer's machine must have: each thing that is missing is one line with what to do."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from raincheck.dev.children import Failed
from raincheck.dev.ports import taken

__all__ = ["check_app", "check_port", "find_azurite", "find_func"]

_NODE = 20  # the oldest that Azurite is tried on
_AZURITE = Path("node_modules/azurite/dist/src/azurite.js")
_APP = ("azure.functions", "azure.durable_functions", "azurefunctions.extensions.http.fastapi", "fastapi")
_NO_FUNC = """\
--host func (HOST=func) needs Azure Functions Core Tools 4 (`func`), which isn't on the PATH. Install it with
    npm install -g azure-functions-core-tools@4 --unsafe-perm true
or see https://learn.microsoft.com/azure/azure-functions/functions-run-local.
--host dev (HOST=dev) needs nothing more: it runs the app on devhost, which comes along."""


def check_app(app: Path, host: str) -> None:
    """Check that an app is there, and what runs it.

    Raises:
        Failed: something is missing or broken.
    """
    if not (app / "function_app.py").is_file():
        raise Failed(
            f"There is no function_app.py in {app}: go to the app's folder or name it with --app DIR; "
            f"`raincheck new DIR` makes a new app."
        )
    venv = app / ".venv"
    if venv.is_dir() and not os.access(venv / "bin" / "python", os.X_OK):
        raise Failed(f"{venv} is broken, its Python is gone: run `make clean install`.")
    if missing := [name for name in _APP if not _installed(name)]:
        raise Failed(
            f"{sys.executable} lacks what an app needs ({', '.join(missing)}): run `make install`, "
            f"or install raincheck with its extra: raincheck[functions]."
        )
    if host == "func":
        find_func()
    elif not _installed("raincheck_devhost"):
        raise Failed(
            f"{sys.executable} lacks raincheck_devhost, the local host: run `make install`, or install the "
            f"folder devhost/ of Raincheck or its wheel; no package of a like name is it."
        )


def _installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # not even what it is part of
        return False


def check_port(port: int) -> None:
    """Check that nobody listens there.

    Raises:
        Failed: somebody does.
    """
    if taken(port):
        raise Failed(
            f"Port {port} is taken: stop what listens there, or take another, "
            f"e.g. `make up PORT={port + 1 if port < 65535 else 7071}` or --port."  # noqa: PLR2004 - the last
        )


def find_azurite(app: Path) -> list[str]:
    """Return the beginning of the command: the app's own Azurite, this folder's, else the one on the PATH.

    Raises:
        Failed: Node.js isn't there or too old, or there is no Azurite.
    """
    node = shutil.which("node")
    if node is None:
        raise Failed(
            f"Node.js isn't there: install {_NODE} or newer, https://nodejs.org "
            f"(Azurite, the local Azure Storage, runs on it)."
        )
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603 - Node.js
    major = version.removeprefix("v").partition(".")[0]
    if not major.isdecimal() or int(major) < _NODE:
        raise Failed(f"Node.js {_NODE} or newer is needed, {node} is {version or 'broken'}.")
    for folder in (app, Path.cwd()):
        if (folder / _AZURITE).is_file():
            return [node, str(folder / _AZURITE)]
    if program := shutil.which("azurite"):
        return [node, str(Path(program).resolve())]
    raise Failed(
        f"Azurite, the local Azure Storage, isn't installed: run `make install`, or `npm ci` in {app}, "
        f"or `npm install -g azurite`."
    )


def find_func() -> str:
    """Return the path of Core Tools.

    Raises:
        Failed: they aren't there; the text says how to install them.
    """
    program = shutil.which("func")
    if program is None:
        raise Failed(_NO_FUNC)
    return program
