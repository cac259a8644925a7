"""Deliveries: the channels they go through, their rows, their payloads, and when they are tried.

A delivery is an orchestration of its own, `{run_id}:deliver:{event}`. Its row is written before it starts, so
that it is started once, and says at the end whether it was delivered, failed for good, or was dropped because
nobody wants it any more.
"""

import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol, cast, get_args

from raincheck.models import CallbackEvent, StartRequest
from raincheck.payloads import Debt, Payload
from raincheck.run_ids import is_run_id
from raincheck.service.runs import RunRow

__all__ = [
    "CALLBACK",
    "LONGEST",
    "POST_CALLBACK",
    "SCHEDULE",
    "Channel",
    "Channels",
    "DeadLetters",
    "Deliveries",
    "Delivery",
    "DeliveryInput",
    "DeliveryPage",
    "DeliveryRow",
    "DeliveryState",
    "PostCall",
    "PostReport",
    "PostResult",
    "debts_of",
    "delivery_of",
    "pause",
]

POST_CALLBACK = "post_callback"

CALLBACK = "callback"
"""The channel whose deliveries don't say which one they go through."""

SCHEDULE = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 73_495)
"""Seconds between attempts, as Standard Webhooks suggests them; together 72 hours."""

LONGEST = 259_200.0
"""Seconds after which nothing more is tried, whatever a receiver asks for; a scale above 1 lengthens it."""

_LEAST_PAUSE = 1.0  # seconds; a durable timer may fire up to one early
_EARLY = 1.0  # seconds that a durable timer may fire too soon: no receiver is posted to before it said
_MOST_PAUSE = 86_400.0  # seconds, whatever a receiver asks for
_JITTER = (
    0.1  # the part of a pause that is taken off at most, so that receivers that were down aren't flooded
)

DeliveryState = Literal["pending", "delivered", "failed", "dropped"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is delivered: an event of a run, or one question of it, through one channel."""

    run_id: str
    event: CallbackEvent
    request_id: str | None = None
    channel: str = CALLBACK

    @property
    def id(self) -> str:
        """The id of the delivery's orchestration and row."""
        parts = [self.run_id, "deliver", self.event, *([self.request_id] if self.request_id else [])]
        return ":".join(parts) + ("" if self.channel == CALLBACK else f"@{self.channel}")


def delivery_of(delivery_id: str) -> Delivery | None:
    """Read a delivery's id; None where it is none."""
    name, _, channel = delivery_id.partition("@")
    run_id, mark, rest = name.partition(":deliver:")
    event, _, request_id = rest.partition(":")
    if not mark or not is_run_id(run_id) or event not in get_args(CallbackEvent):
        return None
    return Delivery(run_id, cast("CallbackEvent", event), request_id or None, channel or CALLBACK)


@dataclass(frozen=True, slots=True)
class PostResult:
    """What came of one post. `retry_after` is in seconds; `detail` is for people and holds no secret."""

    delivered: bool
    final: bool
    status: int | None
    detail: str
    retry_after: float | None = None


class Channel(Protocol):
    """Port: a kind of place that outcomes and questions are delivered to, such as callback URLs."""

    def target_of(self, request: StartRequest) -> Any:
        """Return where a start wants it delivered, JSON-ready, to be kept with the run; None: nowhere.

        What could never be delivered is refused before a run is started for it.

        Raises:
            RequestError: 422; what is asked for is not allowed, or unknown.
        """
        ...

    def events_of(self, run: RunRow) -> Collection[CallbackEvent]:
        """Return the events of a run that go here; none where the run has nothing to do with this channel."""
        ...

    async def deliver(
        self, delivery: Delivery, document: Mapping[str, Any], *, run: RunRow, since: datetime
    ) -> PostResult:
        """Deliver once, within limits. Never raises for what the receiver does.

        Args:
            delivery: what it is; the same over all attempts.
            document: the run's status document, JSON-ready, with tokens that only read.
            run: knows where to.
            since: when it was owed first, the same over all attempts.
        """
        ...


Channels = Mapping[str, Channel]
"""By name; see `Delivery.channel`."""


def debts_of(run: RunRow, channels: Iterable[Channel]) -> list[Debt]:
    """Return what is owed when the run asks or has ended."""
    debts: list[Debt] = []
    events = {event for channel in channels for event in channel.events_of(run)}
    if events:
        debts.append("callback")
    if "run.input_required" in events:
        debts.append("input_callback")
    if run.conversation_id is not None:
        debts.append("conversation")
    return debts


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """How a delivery stands. `status` and `detail` are of the last attempt, and hold no secret."""

    delivery: Delivery
    created_at: datetime
    updated_at: datetime
    state: DeliveryState = "pending"
    attempts: int = 0
    status: int | None = None
    detail: str = ""

    @property
    def begun(self) -> bool:
        """Whether there was an attempt, or it has ended without one."""
        return self.attempts > 0 or self.state != "pending"


class Deliveries(Protocol):
    """Port: the rows of the deliveries, partitioned by their runs' days."""

    async def create(self, delivery: Delivery, now: datetime) -> bool:
        """Write the row of a delivery that is owed from now on; False where there is one."""
        ...

    async def get(self, delivery: Delivery) -> DeliveryRow | None:
        """Return the row, or None."""
        ...

    async def note(
        self,
        delivery: Delivery,
        *,
        attempt: int,
        state: DeliveryState,
        status: int | None,
        detail: str,
        now: datetime,
    ) -> None:
        """Note what came of an attempt. What was delivered stays delivered."""
        ...

    async def reopen(self, delivery: Delivery, now: datetime) -> bool:
        """Make what failed or was dropped pending again, without attempts; False where it is neither."""
        ...

    async def of_run(self, run_id: str) -> Sequence[DeliveryRow]:
        """Return the rows of a run."""
        ...

    async def page(
        self, state: DeliveryState | None, *, start: str | None = None, limit: int = 100
    ) -> "DeliveryPage":
        """Return rows, of one state or of all, from the oldest day or from where another page ended.

        Raises:
            RequestError: 422; `start` is not where another page ended.
        """
        ...

    async def delete(self, delivery: Delivery) -> None:
        """Delete the row; nothing happens where there is none."""
        ...


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """Rows read in one go. `next` is where to read on, or None at the end."""

    rows: Sequence[DeliveryRow]
    next: str | None


class DeadLetters(Protocol):
    """Port: the alarm for operators."""

    async def alarm(self, row: DeliveryRow) -> None:
        """Tell that a delivery failed for good. It may be told twice."""
        ...


class _OfDelivery(Payload):
    """Names a delivery. `channel` is left out where it is the callback's: older payloads have none."""

    run_id: str
    event: CallbackEvent
    request_id: str | None = None
    channel: str | None = None

    @property
    def delivery(self) -> Delivery:
        """What is delivered."""
        return Delivery(self.run_id, self.event, self.request_id, self.channel or CALLBACK)

    def dumped(self) -> dict[str, Any]:
        """Return the JSON-ready form."""
        return self.model_dump(mode="json", exclude=None if self.channel else {"channel"})


class DeliveryInput(_OfDelivery):
    """The input of `deliver_outcome`. `scale` is a factor on the pauses of the schedule."""

    scale: float = 1.0


class PostCall(_OfDelivery):
    """The input of `post_callback`. URL and secret are not in it: they stand in row and settings."""

    attempt: int
    last: bool  # whether it is not tried again: then a failure is for good


class PostReport(Payload):
    """What `post_callback` gives back. `not_ready`: nothing was posted, the run is not there yet."""

    kind: Literal["delivered", "failed", "final", "dropped", "not_ready"]
    status: int | None = None
    detail: str = ""
    retry_after: float | None = None


def pause(delivery_id: str, attempt: int, *, scale: float, retry_after: float | None) -> float:
    """Return the seconds to wait after a failed attempt (1, 2, …): the same for the same arguments.

    What a receiver asks for is not scaled; it lengthens the pause, up to a day.
    """
    spread = zlib.crc32(f"{delivery_id}#{attempt}".encode()) / 2**32
    planned = SCHEDULE[min(attempt, len(SCHEDULE)) - 1] * scale * (1 - _JITTER * spread)
    asked = 0.0 if retry_after is None else retry_after + _EARLY
    return min(max(planned, asked, _LEAST_PAUSE), _MOST_PAUSE)
