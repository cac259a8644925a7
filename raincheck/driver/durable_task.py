"""A task that the flow made with Durable's own API."""

from typing import Any

from raincheck.driver.state import RunState
from raincheck.errors import FlowBug, StepFailed

__all__ = ["run_task"]


async def run_task(state: RunState, raw: Any) -> Any:
    """Wait for the task."""
    driver = state.driver
    try:
        task = driver.executor.adopt(raw)
    except FlowBug as bug:
        driver.note_bug(bug)
        raise
    await driver.wait(lambda: task, lambda _: None)
    if task.failed:
        raise StepFailed("A durable task failed.", code="task_failed")
    return task.value
