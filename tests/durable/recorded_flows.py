"""Flows that the tests of recorded histories change under the hands of runs."""

from datetime import timedelta
from typing import Any

from pydantic import BaseModel

from raincheck import AnswerTimedOut, Flow, PermanentError, Run, TransientError, flow, step
from raincheck.registry import Registry
from raincheck.testing import NO_ANSWER, record

attempts: list[int] = []


class Approval(BaseModel):
    """What a person answers."""

    approved: bool


@step
async def price(number: int) -> int:
    attempts.append(number)
    return number * 10


@step
async def pay(number: int) -> str:
    attempts.append(number)
    return f"paid {number}"


@step
async def shaky(number: int) -> int:
    attempts.append(number)
    if len(attempts) == 1:
        raise TransientError("Not yet.")
    return number


@flow(name="buy")
async def buy(run: Run, number: int) -> str:
    cost = await run.step(price, number)
    try:
        answer = await run.ask(f"Pay {cost}?", Approval, timeout=timedelta(days=3))
    except AnswerTimedOut:
        return "too late"
    return await run.step(pay, cost) if answer.approved else "not paid"


@flow(name="buy")
async def swapped(run: Run, number: int) -> str:
    paid = await run.step(pay, number)
    await run.step(price, number)
    return paid


@flow(name="buy")
async def with_another_input(run: Run, number: int) -> str:
    await run.step(price, number + 1)
    await run.ask("Pay?", Approval, timeout=timedelta(days=3))
    return await run.step(pay, number * 10)


@flow(name="buy")
async def with_another_result(run: Run, number: int) -> str:
    await run.step(price, number)
    await run.ask("Pay?", Approval, timeout=timedelta(days=3))
    return (await run.step(pay, number * 10)).upper()


@flow(name="buy")
async def that_fails(run: Run, number: int) -> str:
    await with_another_result.function(run, number)
    raise PermanentError("sold out")


@flow(name="buy", version=2)
async def second_version(run: Run, number: int) -> str:
    return await run.step(pay, number)


@flow
async def patient(run: Run, number: int) -> list[Any]:
    """Everything a flow may wait for."""
    tried = await run.step(shaky, number)
    await run.sleep(timedelta(days=5))
    bought = await run.flow(buy, number)
    first = await run.first(run.step(price, 1), run.step(price, 2), run.sleep(timedelta(days=9)))
    try:
        await run.ask("x" * 9_000, Approval, timeout=timedelta(days=1))
    except AnswerTimedOut:
        late = True
    return [tried, bought, first.which, late]


@flow
async def endless(run: Run, number: int) -> None:
    while number:
        await run.sleep(60)


@flow
async def forlorn(run: Run, number: int) -> None:
    await run.ask("Anybody?", Approval)


seen: list[int] = []


@flow
async def restless(run: Run, number: int) -> int:
    seen.append(number)
    return await run.step(price, len(seen))


def registry_of(*flows: Flow[Any, Any]) -> Registry:
    return Registry(flows, [price, pay, shaky])


def recorded(flow: Flow[Any, Any] = buy, answers: Any = ({"approved": True},), **more: Any):
    """Record a flow, with no step attempted before."""
    attempts.clear()
    return record(registry_of(flow, buy), flow, 3, answers=answers, **more)


PATIENT_ANSWERS = ({"approved": True}, NO_ANSWER)
