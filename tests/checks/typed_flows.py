# pyright: strict
"""Not run but type-checked, by test_types.py, with mypy and pyright: what an editor knows of every `await`.

Lines marked `# error` must be errors; all others must be fine.
"""

from datetime import timedelta
from typing import Literal, assert_type

from pydantic import BaseModel

from activities.laptops import LaptopOrder, Quote, Receipt, place_order, quote
from activities.stories import Story, Told
from orchestrators.digest_documents import Digests, Documents, digest_documents
from orchestrators.order_laptop import Approval, OrderResult, order_laptop
from orchestrators.tell_story import tell_story
from raincheck import Flow, Retry, Run, Step, Winner, Work, flow, step
from raincheck.testing import Played, play


class Order(BaseModel):
    """An input."""

    price: float


class RushOrder(Order):
    """More than an order: whatever takes an order takes it."""

    within: timedelta


@step
async def priced(order: Order) -> float:
    return order.price


@step
def blocking(order: Order) -> int:
    return round(order.price)


@step
async def working(order: Order, work: Work) -> str:
    await work.text(work.idempotency_key)
    return str(order.price)


@step(name="other", retry=Retry(attempts=5))
async def with_options(order: Order, work: Work) -> bytes:
    return work.run_id.encode()


@step(retry=Retry(attempts=1))
def blocking_with_options(order: Order) -> bool:
    return order.price > 0


@flow
@step
async def stacked(order: Order, work: Work) -> str:
    return str(order.price) + work.run_id


@step
async def look_up(name: str) -> str:
    return name.title()


@flow
async def greet(run: Run, name: str) -> str:
    """Greet somebody: the README's first flow."""
    return f"Hello, {await run.step(look_up, name)}!"


@step
async def rushed(order: Order) -> RushOrder:
    return RushOrder(price=order.price, within=timedelta(days=1))


@step
async def rushing(order: RushOrder) -> None: ...


@flow(acknowledge="Right away.", version=2)
async def with_all(run: Run, order: Order) -> list[int]:
    assert_type(await run.step(priced, order), float)
    assert_type(await run.step(blocking, order), int)
    assert_type(await run.step(working, order), str)
    assert_type(await run.step(with_options, order), bytes)
    assert_type(await run.step(blocking_with_options, order), bool)
    assert_type(await run.flow(stacked, order), str)
    assert_type(await run.flow(digest_documents, Documents(documents=[])), Digests)
    assert_type(await run.step(quote, LaptopOrder(employee="a", model="b", price=1)), Quote)
    assert_type(await run.step(place_order, LaptopOrder(employee="a", model="b", price=1)), Receipt)

    assert_type(await run.gather(run.step(blocking, order) for _ in range(3)), list[int])
    assert_type(await run.gather([run.step(working, order)], limit=2), list[str])
    assert_type(await run.gather(run.step(priced, order), run.step(blocking, order)), tuple[float, int])
    assert_type(
        await run.gather(run.step(priced, order), run.step(blocking, order), run.flow(stacked, order)),
        tuple[float, int, str],
    )
    assert_type(
        await run.gather(
            run.step(priced, order), run.step(blocking, order), run.sleep(1), run.step(working, order)
        ),
        tuple[float, int, None, str],
    )
    assert_type(await run.gather(twice(run, order), run.step(priced, order)), tuple[int, float])
    assert_type(await run.gather(twice(run, order) for _ in range(3)), list[int])

    winner = await run.first(run.step(priced, order), run.sleep(5))
    assert_type(winner, Winner[float, Literal[0]] | Winner[None, Literal[1]])
    if winner.which == 0:
        assert_type(winner.value, float)
    else:
        assert_type(winner.value, None)
    assert_type(await run.first(*[run.step(priced, order)]), Winner[float, int])
    assert_type(await run.sleep(5), None)

    assert_type(await run.ask("Well?", Approval), Approval)
    assert_type(await run.ask("Well?", Approval, timeout=timedelta(days=2)), Approval)
    assert_type(await run.gather(run.ask("Well?", Approval), run.step(priced, order)), tuple[Approval, float])

    rush = await run.step(rushed, order)
    assert_type(await run.step(priced, rush), float)
    plainly: Order = await run.step(rushed, order)
    both: list[Order] = [*await run.gather(run.step(rushed, one) for one in (rush, rush))]
    run.log(f"{plainly} of {both}: {await run.flow(greet, 'Ada')}")
    await run.step(rushing, order)  # error

    await run.ask("Well?", int)  # error
    await run.ask(5, Approval)  # error
    await run.ask("Well?", Approval, timeout=5)  # error
    await run.step(priced, 5)  # error
    await run.step(priced, "text")  # error
    await run.step(twice, order)  # error
    await run.flow(with_all, 5)  # error
    await run.flow(priced, order)  # error
    run.gather(5)  # error
    number: int = await run.step(working, order)  # error
    return [number]


async def twice(run: Run, order: Order) -> int:
    """A coroutine of an author's own, as a branch."""
    return await run.step(blocking, order) + await run.step(blocking, order)


assert_type(priced, Step[Order, float])
assert_type(working, Step[Order, str])
assert_type(with_options, Step[Order, bytes])
assert_type(stacked, Flow[Order, str])
assert_type(greet, Flow[str, str])
assert_type(flow(priced), Flow[Order, float])
assert_type(flow(acknowledge="Right away.")(priced), Flow[Order, float])
assert_type(with_all, Flow[Order, list[int]])
narrower_step: Step[RushOrder, Order] = rushed
narrower_flow: Flow[RushOrder, Order] = flow(rushed)
wider_step: Step[Order, None] = rushing  # error
wider_flow: Flow[Order, RushOrder] = flow(priced)  # error
assert_type(order_laptop, Flow[LaptopOrder, OrderResult])
assert_type(tell_story, Flow[Story, Told])
assert_type(play(with_all, Order(price=1)), Played[list[int]])
assert_type(play(with_all, Order(price=1)).result, list[int])
play(with_all, Order(price=1), answers={Approval: Approval(approved=True), "Well?": {"approved": True}})
play(with_all, Order(price=1), answers=lambda prompt, model: prompt and model())
play(with_all, 5)  # error
play(with_all, Order(price=1), answers=5)  # error
