"""The app, and beside it the same work as a bare Durable orchestration, to be measured in one host."""

import importlib.util
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import azure.durable_functions as df

_file = Path(os.environ["RAINCHECK_BENCH_ROOT"]) / "function_app.py"
_spec = importlib.util.spec_from_file_location("whole_app", _file)
if _spec is None or _spec.loader is None:
    raise ImportError(str(_file))
_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)
app: df.DFApp = _module.app


def bare(context: df.DurableOrchestrationContext) -> Generator[Any, Any, list[int]]:
    """Do so many activities at once, as plainly as it can be written."""
    given: Any = context.get_input()
    counts: list[int] = yield context.task_all(
        [context.call_activity("bare_count", text) for text in given["texts"]]
    )
    return counts


def bare_count(text: str) -> int:
    """Count words."""
    return len(text.split())


app.orchestration_trigger(context_name="context")(bare)
app.activity_trigger(input_name="text")(bare_count)
