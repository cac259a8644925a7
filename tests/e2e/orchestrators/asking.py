"""Flows that ask people."""

from datetime import timedelta

from pydantic import BaseModel, Field

from raincheck import AnswerTimedOut, Run, flow, step


class Asking(BaseModel):
    """How long the prompt is, in characters, how long an answer is waited for, and how often to remind."""

    size: int = Field(default=10, ge=0, le=100_000)
    seconds: float | None = None
    remind: float | None = None


class Choice(BaseModel):
    """What a person answers."""

    colour: str = Field(min_length=1)


async def choose(run: Run, asking: Asking, which: str = "?") -> str:
    """Ask once, and say what came."""
    prompt = which.ljust(asking.size, ".")
    timeout = timedelta(seconds=asking.seconds) if asking.seconds else None
    remind = timedelta(seconds=asking.remind) if asking.remind else None
    try:
        return (await run.ask(prompt, Choice, timeout=timeout, remind_every=remind)).colour
    except AnswerTimedOut as late:
        return late.code


@flow
async def ask_once(run: Run, asking: Asking) -> str:
    return await choose(run, asking)


@flow
async def ask_three(run: Run, asking: Asking) -> list[str]:
    return await run.gather(choose(run, asking, which) for which in "abc")


@flow
async def ask_below(run: Run, asking: Asking) -> list[str]:
    return list(await run.gather(run.flow(ask_once, asking), run.flow(ask_once, asking)))


@step
async def tidy_up(text: str) -> str:
    return text


@flow
async def ask_and_tidy(run: Run, asking: Asking) -> str:
    try:
        return await choose(run, asking)
    finally:
        await run.step(tidy_up, "done")


@flow
async def ask_first(run: Run, asking: Asking) -> list[str]:
    """Ask two at once; what the first says decides. Then ask what nobody needs to answer."""
    won = await run.first(choose(run, asking, "a"), choose(run, asking, "b"))
    return [won.value, await choose(run, asking, "c")]
