"""Runs of a World that wait for people."""

from typing import Any

from pydantic import BaseModel, Field

from raincheck.payloads import CustomStatus, Question
from tests.unit.web.fakes import World, local


class Approval(BaseModel):
    approved: bool
    reason: str = Field(default="", max_length=100_000)


MODEL = f"{__name__}:Approval"


def question(number: int = 1, prompt: str = "Approve?", **fields: Any) -> Question:
    return Question(id=f"q{number}", prompt=prompt, model=MODEL, **fields)


def show(world: World, run_id: str, *questions: Question, **fields: Any) -> None:
    """Let an instance show these questions; it waits for people unless said otherwise."""
    status = CustomStatus.model_validate(
        {"input_requests": [one.model_dump() for one in questions], "waiting": True, **fields}
    )
    world.orchestrations.put(run_id, "Running", custom=status.dumped())


async def document_of(world: World, run_id: str) -> dict[str, Any]:
    answer = await world.open.get(f"/runs/{world.token(run_id)}")
    return answer.json()


async def answer_urls(world: World, run_id: str) -> list[str]:
    document = await document_of(world, run_id)
    return [local(request["answer_url"]) for request in document["input_requests"]]
