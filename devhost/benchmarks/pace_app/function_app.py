"""Orchestrations that do next to nothing, to measure the host alone."""

from collections.abc import Generator
from typing import Any

import azure.durable_functions as df

app = df.DFApp()


def steps(context: df.DurableOrchestrationContext) -> Generator[Any, Any, int]:
    """Do so many activities in turn."""
    given: Any = context.get_input()
    total = 0
    for number in range(given["steps"]):
        total += yield context.call_activity("add_one", number)
    return total


def waits(context: df.DurableOrchestrationContext) -> Generator[Any, Any, Any]:
    """Wait for an event."""
    return (yield context.wait_for_external_event("go"))


def add_one(number: int) -> int:
    """Add one."""
    return number + 1


app.orchestration_trigger(context_name="context")(steps)
app.orchestration_trigger(context_name="context")(waits)
app.activity_trigger(input_name="number")(add_one)
