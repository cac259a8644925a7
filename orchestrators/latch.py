"""The one place that knows how to wait for several Durable tasks at once."""

from collections.abc import Sequence
from typing import Any

from azure.durable_functions.models.actions.WhenAllAction import WhenAllAction
from azure.durable_functions.models.actions.WhenAnyAction import WhenAnyAction

__all__ = ["latch"]


def latch(context: Any, tasks: Sequence[Any]) -> Any:
    """Make a task that ends when the first of the given ones does, and never blocks the extension.

    The SDK leaves out of a WhenAny's action whatever was scheduled before or has ended, and the extension
    awaits the actions of an orchestration one after another: it would block on what is left and schedule
    nothing that comes later. An empty WhenAll inside makes the extension's WhenAny complete at once, while
    the SDK's own bookkeeping still decides when the orchestrator goes on. Checked by recorded exchanges
    with the genuine extension (`reyield` and `awaited` in tests/conformance).
    """
    waiting = context.task_any(list(tasks))
    waiting.action_repr = WhenAnyAction([WhenAllAction([]), *waiting.action_repr.compound_tasks])
    return waiting
