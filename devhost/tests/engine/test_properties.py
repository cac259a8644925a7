"""Whatever the program, the batches and the restarts: each result is recorded once, the output is right."""

import asyncio
import json
import random
import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.in_process import InProcessFunctions
from raincheck_devhost.durable.protocol.events import (
    SUB_COMPLETED,
    SUB_CREATED,
    TASK_COMPLETED,
    TASK_SCHEDULED,
    TIMER_CREATED,
    TIMER_FIRED,
)
from raincheck_devhost.durable.runtime.engine import DurableEngine
from raincheck_devhost.durable.settings import DurableSettings

# A program is a list of stages, each waited for as a whole; a stage is a list of activities (their inputs),
# timers (None) and programs that run as sub-orchestrations.
_PROGRAMS = st.recursive(
    st.lists(st.lists(st.integers(0, 9) | st.none(), max_size=4), max_size=4),
    lambda inner: st.lists(st.lists(st.integers(0, 9) | inner, max_size=3), max_size=3),
    max_leaves=12,
)


def interpret(context):
    """Run a program; its output is the sum of all its numbers."""
    total = 0
    for stage in context.get_input()["program"]:
        tasks = [_task(context, each) for each in stage]
        results = yield context.task_all(tasks)  # None for none: so is the SDK
        total += sum(result or 0 for result in results or ())
    return total


def _task(context, each):
    if each is None:
        return context.create_timer(context.current_utc_datetime)
    if isinstance(each, int):
        return context.call_activity("echo", each)
    return context.call_sub_orchestrator("interpret", {"program": each})


def _sum(program):
    return sum(
        each if isinstance(each, int) else _sum(each)
        for stage in program
        for each in stage
        if each is not None
    )


async def _run(program, seed, restarts):
    chance = random.Random(seed)  # not for secrets
    functions = InProcessFunctions({"interpret": interpret}, {"echo": lambda payload: payload})
    with tempfile.TemporaryDirectory() as folder:
        engine = await _started(folder, functions, chance)
        await engine.client.start("interpret", "root", json.dumps(json.dumps({"program": program})))
        for _ in range(restarts):
            for _ in range(chance.randint(0, 30)):
                await asyncio.sleep(0)
            await engine.stop(0)
            engine = await _started(folder, functions, chance)
        row = await engine.client.wait_for_end("root", 20)
        history = await engine.client.history("root")
        await engine.stop(0)
    return row, history


async def _started(folder, functions, chance):
    def batching(_instance_id, waiting):
        return chance.randint(1, len(waiting)) if waiting else 0

    engine = DurableEngine(Path(folder) / "state.db", functions, DurableSettings(), batching=batching)
    await engine.start()
    return engine


def _ids(history, kind, key):
    return Counter(event[key] for event in history if event["EventType"] == kind)


@settings(max_examples=30, deadline=None)
@given(_PROGRAMS, st.integers(), st.integers(0, 3))
async def test_any_program(program, seed, restarts):
    """The output is the sum; what was scheduled and what ended are the same ids, each once."""
    row, history = await _run(program, seed, restarts)
    assert (row.status, row.output) == ("Completed", str(_sum(program)))
    for scheduled, ended, link in (
        (TASK_SCHEDULED, TASK_COMPLETED, "TaskScheduledId"),
        (SUB_CREATED, SUB_COMPLETED, "TaskScheduledId"),
        (TIMER_CREATED, TIMER_FIRED, "TimerId"),
    ):
        made = _ids(history, scheduled, "EventId")
        assert set(made.values()) <= {1}
        assert made == _ids(history, ended, link)
