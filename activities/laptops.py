"""Buys laptops: a quote, and the order. The shop is made up; a real one is called in the same places."""

import hashlib

from pydantic import BaseModel, ConfigDict, Field
from raincheck import Retry, Work, step

APPROVAL_ABOVE = 2_000


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


class Receipt(BaseModel):
    """The order as placed."""

    number: str


@step
async def quote(order: LaptopOrder) -> Quote:
    """Ask for a quote."""
    return Quote(price=order.price, needs_approval=order.price > APPROVAL_ABOVE)


@step(retry=Retry(attempts=5))
async def place_order(order: LaptopOrder, work: Work) -> Receipt:
    """Place the order.

    A step may be tried again after it has done its work. Its idempotency key is the same in every attempt:
    pass it on, and an order of two attempts is the same order.
    """
    digest = hashlib.sha256(f"{work.idempotency_key}|{order.model}".encode()).hexdigest()
    return Receipt(number=f"LT-{digest[:8].upper()}")
