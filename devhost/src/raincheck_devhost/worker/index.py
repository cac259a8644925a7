"""Loads `function_app.py` and indexes its functions, once per process, all or nothing."""

from __future__ import annotations

import importlib
import inspect
import json
import os
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import azure.functions as func

from raincheck_devhost.worker.parameters import Signature, read_signature

if TYPE_CHECKING:
    from collections.abc import Callable

SCRIPT_SETTING = "PYTHON_SCRIPT_FILE_NAME"


@dataclass(frozen=True)
class IndexedFunction:
    """One function of the app and what the host is told of it."""

    name: str
    call: Callable[..., Any]
    is_async: bool
    signature: Signature
    http_parameter: str | None
    bindings: list[dict[str, Any]]
    retry: dict[str, Any] | None

    @property
    def metadata(self) -> dict[str, Any]:
        """The JSON that the host gets."""
        return {"name": self.name, "bindings": self.bindings, "retry": self.retry}


def index_app(root: Path) -> dict[str, IndexedFunction]:
    """Import the app and index it. Raises whatever its code raises, ValueError and FunctionLoadError."""
    script = os.environ.get(SCRIPT_SETTING, "function_app.py")
    if not (root / script).is_file():
        raise FileNotFoundError(f"{root / script} does not exist: a function app has a {script} in its root")
    module = importlib.import_module(Path(script).stem)
    apps = [each for each in vars(module).values() if isinstance(each, func.FunctionRegister)]
    if not apps:
        raise ValueError(f"Could not find top level function app instances in {script}.")
    if len(apps) > 1:
        raise ValueError(
            f"More than one {type(apps[0]).__name__} or other top level function app instances are defined."
        )
    return {each.name: each for each in map(_index, apps[0].get_functions())}


def _index(function: Any) -> IndexedFunction:
    name, call = function.get_function_name(), function.get_user_function()
    try:
        signature = read_signature(name, call, function.get_bindings())
    except Exception as error:
        error.place = _place(call)  # type: ignore[attr-defined]  # read by describe_failure
        raise
    http = (each for each, kind in signature.inputs.items() if kind.binding == "httpTrigger")
    return IndexedFunction(
        name=name,
        call=call,
        is_async=inspect.iscoroutinefunction(call),
        signature=signature,
        http_parameter=next(http, None),
        bindings=[json.loads(each) for each in function.get_raw_bindings()],
        retry=function.get_settings_dict("retry_policy"),
    )


def _place(call: Callable[..., Any]) -> tuple[str, int]:
    code = getattr(inspect.unwrap(getattr(call, "orchestrator_function", call)), "__code__", None)
    return (code.co_filename, code.co_firstlineno) if code else ("", 0)


def describe_failure(error: BaseException, root: Path) -> dict[str, Any]:
    """Say what went wrong and where in the app: type, message, file, line, the traceback from the app on."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [
        each for each in frames if Path(each.filename).is_relative_to(root) and _written_here(each.filename)
    ]
    file, line = (own[-1].filename, own[-1].lineno) if own else ("", 0)
    file, line = getattr(error, "place", (file, line))
    if isinstance(error, SyntaxError) and error.filename:
        file, line = error.filename, error.lineno or 0
    first = next((at for at, each in enumerate(frames) if each in own), len(frames))
    shown = traceback.format_list(frames[first:])
    return {
        "type": type(error).__name__,
        "message": str(error),
        "file": file,
        "line": line,
        "traceback": "".join(shown),
    }


def _written_here(filename: str) -> bool:
    return "site-packages" not in filename and ".venv" not in Path(filename).parts
