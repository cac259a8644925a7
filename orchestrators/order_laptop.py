"""Orders a laptop: a quote, an approval by a person where it is dear, the order."""

from datetime import timedelta

from pydantic import BaseModel
from raincheck import AnswerTimedOut, Run, flow

from activities.laptops import LaptopOrder, Quote, place_order, quote

APPROVAL_WITHIN = timedelta(days=3)


class Approval(BaseModel):
    """What a person answers."""

    approved: bool


class OrderResult(BaseModel):
    """Whether it was placed, and under which number."""

    placed: bool
    order_number: str | None = None


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
