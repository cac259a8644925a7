"""A program that is killed: it works on the same state file again and again until all is done.

Usage: python -m conformance.app.victim STATE_FILE JOURNAL INSTANCES EVENTS
Each activity writes a line to the journal before it returns; each acknowledged event does too.
"""

import asyncio
import contextlib
import logging
import os
import sys
from pathlib import Path

from conformance.in_process import InProcessFunctions
from raincheck_devhost.durable.runtime.engine import DurableEngine
from raincheck_devhost.durable.runtime.refusals import AlreadyExists, Gone
from raincheck_devhost.durable.settings import DurableSettings


def steps(context):
    total = 0
    for i in range(6):
        total += yield context.call_activity("journaled", i)
    width = yield context.task_all([context.call_activity("journaled", 10 + i) for i in range(4)])
    yield context.create_timer(context.current_utc_datetime)
    child = yield context.call_sub_orchestrator("child", 5, f"{context.instance_id}-child")
    return total + sum(width) + child


def child(context):
    return (yield context.call_activity("journaled", int(context.get_input())))


def collect(context):
    got = {}
    for i in range(int(context.get_input())):
        got[i] = yield context.wait_for_external_event(f"e{i}")
    return list(got.values())


class Journaled(InProcessFunctions):
    def __init__(self, journal):
        super().__init__({"steps": steps, "child": child, "collect": collect}, {"journaled": None})
        self.journal = journal

    async def run_activity(self, name, payload, *, instance_id, task_id):
        note(self.journal, f"ran {instance_id} {task_id}")
        return payload


def note(journal, line):
    """Append a line that survives this process."""
    os.write(journal, (line + "\n").encode())


async def main(state_file, journal_file, done, instances, events):
    journal = os.open(journal_file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    engine = DurableEngine(Path(state_file), Journaled(journal), DurableSettings())
    await engine.start()
    for name, given in [(f"steps-{i}", None) for i in range(instances)] + [("collect", f'"{events}"')]:
        if f"started {name}" not in done:
            with contextlib.suppress(AlreadyExists):
                await engine.client.start(name.partition("-")[0], name, given)
            note(journal, f"started {name}")
    for i in range(events):
        if f"raised {i}" not in done:
            with contextlib.suppress(Gone):
                await engine.client.raise_event("collect", f"e{i}", str(i))
            note(journal, f"raised {i}")
    for name in [f"steps-{i}" for i in range(instances)] + ["collect"]:
        row = await engine.client.wait_for_end(name, 30)
        note(journal, f"ended {name} {row.status} {row.output}")
    await engine.stop(1)


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    journaled = Path(sys.argv[2])
    before = set(journaled.read_text().splitlines()) if journaled.exists() else set()
    asyncio.run(main(sys.argv[1], journaled, before, int(sys.argv[3]), int(sys.argv[4])))
