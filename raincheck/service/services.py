"""What the faces need, made once by function_app.py; only the durable client comes with each request."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from starlette.requests import Request

from raincheck.registry import Registry
from raincheck.service.answering import Answering
from raincheck.service.conversations import Turns
from raincheck.service.copies import Copies
from raincheck.service.deliveries import Deliveries, Delivery
from raincheck.service.ports import (
    Clock,
    EventLog,
    Orchestrations,
    Outcomes,
    RunIndex,
    Runs,
    Unfinished,
    Webhooks,
)
from raincheck.service.settings import Settings
from raincheck.service.starts import IdempotencyKeys
from raincheck.service.tokens import Tokens

__all__ = ["ORCHESTRATIONS", "Services", "orchestrations_of"]

ORCHESTRATIONS = "raincheck.orchestrations"
"""The key of the ASGI scope under which the bridge puts the durable client."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The ports and values behind the routes. `monotonic` and `sleep` are in seconds."""

    settings: Settings
    registry: Registry
    tokens: Tokens
    runs: Runs
    outcomes: Outcomes
    events: EventLog
    webhooks: Webhooks
    deliveries: Deliveries
    redeliver: Callable[[Delivery, Orchestrations], Awaitable[bool]]
    keys: IdempotencyKeys
    turns: Turns
    unfinished: Unfinished
    answering: Answering
    index: RunIndex
    clock: Clock
    new_run_id: Callable[[datetime], str]
    route_prefix: str = "/api"
    copies: Copies = field(default_factory=Copies)
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


def orchestrations_of(request: Request) -> Orchestrations:
    """Return the durable client that came with the request."""
    return cast("Orchestrations", request.scope[ORCHESTRATIONS])
