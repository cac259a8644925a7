"""Flows that do odd things: awaiting what can't be awaited, leaving work behind, hostile values."""

import asyncio
import time
from typing import Any

import httpx

from raincheck import PermanentError, Retry, Run, StepFailed, StepStopped, Work, flow, step


@step
async def nap(seconds: float) -> str:
    await asyncio.sleep(seconds)
    return "rested"


@step(retry=Retry(attempts=1))
async def stubborn(seconds: float, work: Work) -> str:
    """Ignores that it is stopped, and tries to write on."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            await asyncio.sleep(0.1)
            await work.text("still here ")
        except (asyncio.CancelledError, StepStopped):
            pass
    return "late"


@step
def refuse_number(number: int) -> int:
    raise PermanentError("There is none left.", code="sold_out")


@step
def echo(value: dict[str, Any]) -> dict[str, Any]:
    return value


@step
async def ledger(entry: str, work: Work) -> str:
    """Takes a moment, so that a host can be killed meanwhile."""
    await asyncio.sleep(0.05)
    return entry


@flow
async def awaits_twice(run: Run, seconds: float) -> list[str]:
    rest = run.step(nap, seconds)
    return [await rest, await rest, *await run.gather(rest, rest)]


@flow
async def leaves_a_step(run: Run, seconds: float) -> str:
    won = await run.first(run.step(nap, seconds), run.step(nap, 0.1))
    return f"{won.which} {won.value}"


@flow
async def leaves_a_stubborn_step(run: Run, seconds: float) -> str:
    won = await run.first(run.step(stubborn, seconds), run.step(nap, 0.1))
    return f"{won.which} {won.value}"


@flow
async def fails_in_a_gather(run: Run, seconds: float) -> str:
    cleaned = []

    async def one() -> None:
        try:
            await run.step(nap, seconds)
        finally:
            cleaned.append(await run.step(nap, 0.1))

    try:
        await run.gather(one(), run.step(refuse_number, 1))
    except StepFailed as failed:
        return f"{failed.code} {cleaned}"
    return "?"


@flow
async def parent(run: Run, seconds: float) -> list[str]:
    return [await run.flow(fails_in_a_gather, seconds), await run.flow(leaves_a_step, 0.5)]


@flow
async def echoes(run: Run, value: dict[str, Any]) -> dict[str, Any]:
    return await run.step(echo, value)


@flow
async def echoes_below(run: Run, value: dict[str, Any]) -> dict[str, Any]:
    return await run.flow(echoes, value)


@flow
async def sleeps_in_the_flow(run: Run, seconds: float) -> None:
    await asyncio.sleep(seconds)


@flow
async def asks_the_network(run: Run, url: str) -> None:
    httpx.get(url)  # noqa: ASYNC210 - what is tried


@flow
async def asks_the_network_async(run: Run, url: str) -> None:
    async with httpx.AsyncClient() as client:
        await client.get(url)


@flow
async def swallows_the_error(run: Run, url: str) -> str:
    try:
        httpx.get(url)  # noqa: ASYNC210 - what is tried
    except Exception:  # noqa: BLE001 - what is tried
        return "nobody saw it"
    return "?"


@flow
async def never_ends_its_clean_up(run: Run, seconds: float) -> None:
    try:
        await run.step(nap, seconds)
    finally:
        await run.step(nap, seconds)


@flow
async def counts(run: Run, entries: int) -> int:
    done = await run.gather(run.step(ledger, f"{number}") for number in range(entries))
    return len(done)


@step(retry=Retry(attempts=10))
async def tell(seconds: float, work: Work) -> str:
    told = []
    for number in range(int(seconds * 20)):
        told.append(f"word{number} ")
        await work.text(told[-1])
        await asyncio.sleep(0.05)
    return "".join(told)


@flow
async def tells_for_a_while(run: Run, seconds: float) -> str:
    return await run.step(tell, seconds)


@flow
async def waits_long(run: Run, seconds: float) -> str:
    await run.step(nap, 0.0)
    await run.sleep(seconds)
    return await run.step(nap, 0.0)
