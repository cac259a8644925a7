"""Records a history of each example flow: `python -m tests.durable.record`.

A run that waits in the cloud goes on with the code of the next deployment, so a flow's order of steps under
one version must not change. The recorded histories are what such a run brings along. Renew them only for a
new version of a flow, or a flow that was never deployed.
"""

import asyncio
import json
from pathlib import Path
from typing import Any

from raincheck.durable.run_flow import make_run_flow
from raincheck.payloads import Answer, CustomStatus, RunInput, StepReport, answer_event, from_json, to_json
from raincheck.registry import Registry, discover
from raincheck.work import QuietWork
from tests.durable.histories import RUN_ID, Instance, Scheduled

FOLDER = Path(__file__).parents[1] / "app" / "recorded"
INPUTS: dict[str, Any] = {
    "digest_documents": {
        "documents": [
            {"name": "rain.txt", "text": "Rain fell on the town. The town slept. Nobody saw the rain."},
            {
                "name": "cafés.txt",
                "text": "Ein Café am Fluss. Der Fluss führt Wasser, das Café Kuchen.",
            },
            {"name": "empty.txt", "text": ""},
        ],
        "sentences": 2,
    },
    "order_laptop": {"employee": "Ada", "model": "X1", "price": 2500},
    "tell_story": {"topic": "rain", "pieces": 6, "delay_ms": 0},
}


ANSWERS: dict[str, Any] = {"order_laptop": {"approved": True}}


def record(registry: Registry, name: str) -> dict[str, Any]:
    """Run a flow with its real steps, the last one first where several are under way; answer what it asks."""
    flow = registry.flows[name]
    given = RunInput(run_id=RUN_ID, flow=name, version=flow.version, input_json=to_json(INPUTS[name]))
    run = Instance(make_run_flow(registry, lambda _: False), given.dumped())
    while not run.done:
        questions = CustomStatus.model_validate(run.statuses[-1]).input_requests
        if questions:
            answer = Answer(kind="answered", value_json=to_json(ANSWERS[name]))
            run.raise_event(answer_event(questions[0].id), answer.dumped())
            continue
        task = run.under_way[-1]
        run.end(task.label, result=done(registry, task))
    return {
        "flow": name,
        "version": flow.version,
        "payload": json.loads(run.payload),
        "actions": run.answer["actions"],
        "output": run.output,
    }


def done(registry: Registry, task: Scheduled) -> dict[str, Any]:
    """Do the step of a task, here and now."""
    step = registry.steps[task.label.partition(" ")[0]]
    work = QuietWork(step=step.name, run_id=RUN_ID)
    work.idempotency_key = task.input["key"]
    result = asyncio.run(step(step.input.parse(from_json(task.input["input_json"])), work))
    return StepReport(kind="done", result_json=to_json(step.result.dump(result))).dumped()


def main() -> None:
    """Write a file for each flow."""
    registry = discover()
    for name in registry.flows:
        text = json.dumps(record(registry, name), indent=1, ensure_ascii=False)
        (FOLDER / f"{name}.json").write_text(text + "\n", encoding="utf-8")
        print(f"recorded {name}")  # noqa: T201 - a script for a terminal


if __name__ == "__main__":
    main()
