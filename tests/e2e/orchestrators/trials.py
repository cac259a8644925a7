"""Flows that fail, and one that takes its time."""

import asyncio
from datetime import timedelta

from pydantic import BaseModel, Field

from raincheck import PermanentError, Retry, Run, TransientError, flow, step


class Trial(BaseModel):
    """How long, and how much."""

    seconds: float = Field(default=0, ge=0, le=60)
    size: int = Field(default=0, ge=0)


@step
async def refuse(trial: Trial) -> None:
    raise PermanentError("There is none left.", code="sold_out")


@step(retry=Retry(attempts=2, first_delay=timedelta(seconds=2)))
async def never_succeed(trial: Trial) -> None:
    raise TransientError("The supplier doesn't answer.")


@step
async def take(trial: Trial) -> str:
    await asyncio.sleep(trial.seconds)
    return "x" * trial.size


@flow
async def flow_that_raises(run: Run, trial: Trial) -> None:
    raise RuntimeError("geheim: AccountKey=abc")


@flow
async def flow_refused(run: Run, trial: Trial) -> None:
    await run.step(refuse, trial)


@flow
async def flow_exhausted(run: Run, trial: Trial) -> None:
    await run.step(never_succeed, trial)


@flow
async def flow_slow(run: Run, trial: Trial) -> str:
    return await run.step(take, trial)


class Approval(BaseModel):
    """What a person answers."""

    approved: bool


@flow
async def flow_asks(run: Run, trial: Trial) -> str:
    answer = await run.ask("May it begin?", Approval, timeout=timedelta(days=2))
    return await run.step(take, trial) if answer.approved else "no"


@flow(wait=1)
async def flow_impatient(run: Run, trial: Trial) -> str:
    return await run.step(take, trial)


@flow(mode="immediate", acknowledge="I'm on it.")
async def flow_immediate(run: Run, trial: Trial) -> str:
    return await run.step(take, trial)


@flow(mode="background")
async def flow_background(run: Run, trial: Trial) -> str:
    return await run.step(take, trial)
