"""Orders a laptop: a quote, an approval by a person where it is dear, the order."""

import hashlib
from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field

from raincheck import AnswerTimedOut, Retry, Run, Work, flow, step

APPROVAL_ABOVE = 2_000
APPROVAL_WITHIN = timedelta(days=3)


class LaptopOrder(BaseModel):
    """Who needs which laptop, at what price."""

    model_config = ConfigDict(extra="forbid")

    employee: str = Field(min_length=1, max_length=200)
    model: str = Field(min_length=1, max_length=200)
    price: float = Field(ge=0)


class Quote(BaseModel):
    """What it costs, and whether somebody has to approve."""

    price: float
    needs_approval: bool


class Approval(BaseModel):
    """What a person answers."""

    approved: bool


class Receipt(BaseModel):
    """The order as placed."""

    number: str


class OrderResult(BaseModel):
    """Whether it was placed, and under which number."""

    placed: bool
    order_number: str | None = None


@step
async def quote(order: LaptopOrder) -> Quote:
    """Ask for a quote."""
    return Quote(price=order.price, needs_approval=order.price > APPROVAL_ABOVE)


@step(retry=Retry(attempts=5))
async def place_order(order: LaptopOrder, work: Work) -> Receipt:
    """Place the order. The idempotency key makes an order of two attempts the same order."""
    digest = hashlib.sha256(f"{work.idempotency_key}|{order.model}".encode()).hexdigest()
    return Receipt(number=f"LT-{digest[:8].upper()}")


@flow(acknowledge="I'm ordering your laptop and will message you when it's placed.")
async def order_laptop(run: Run, order: LaptopOrder) -> OrderResult:
    """Order a laptop for an employee. Above a price of 2,000 a person has to approve."""
    quoted = await run.step(quote, order)
    if quoted.needs_approval and not await approved(run, order, quoted):
        return OrderResult(placed=False)
    receipt = await run.step(place_order, order)
    return OrderResult(placed=True, order_number=receipt.number)


async def approved(run: Run, order: LaptopOrder, quoted: Quote) -> bool:
    """Ask a person; no answer in time is a no."""
    prompt = f"Approve the laptop {order.model} for {order.employee} at {quoted.price:,.2f}?"
    try:
        answer = await run.ask(prompt, Approval, timeout=APPROVAL_WITHIN)
    except AnswerTimedOut:
        return False
    return answer.approved
