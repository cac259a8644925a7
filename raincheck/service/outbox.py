"""The outbox: starting deliveries, attempting each once, and doing anew what failed for good."""

import logging
from dataclasses import dataclass, replace
from typing import Any

from raincheck.errors import AlreadyStarted
from raincheck.models import CallbackEvent
from raincheck.outcomes import TERMINAL_EVENTS, RunStatus
from raincheck.payloads import DELIVER_OUTCOME
from raincheck.run_ids import reminded_of
from raincheck.service.deliveries import (
    CALLBACK,
    Channels,
    DeadLetters,
    Deliveries,
    Delivery,
    DeliveryInput,
    DeliveryRow,
    DeliveryState,
    PostCall,
    PostReport,
)
from raincheck.service.documents import StatusDocuments
from raincheck.service.instrumentation import span
from raincheck.service.ports import Clock, Orchestrations, Unfinished, UnfinishedRow
from raincheck.service.runs import RunRow, Runs
from raincheck.service.settings import NOWHERE, Settings
from raincheck.service.status import Status
from raincheck.service.tokens import Tokens

__all__ = ["DELIVERY", "Outbox"]

DELIVERY = "delivery"
"""The kind of what the sweep finishes: redeliveries."""

_LOG = logging.getLogger("raincheck.delivery")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """Delivers what runs owe, through channels, by an orchestration each."""

    runs: Runs
    rows: Deliveries
    channels: Channels
    status: Status
    dead_letters: DeadLetters
    unfinished: Unfinished
    orchestrations: Orchestrations
    tokens: Tokens
    settings: Settings
    clock: Clock
    route_prefix: str

    async def tell(self, run: RunRow, event: CallbackEvent, request_id: str | None = None) -> None:
        """Start the deliveries of an event, one through each channel that takes it."""
        for name, channel in self.channels.items():
            if event in channel.events_of(run):
                await self.start(Delivery(run.run_id, event, request_id, name))

    async def start(self, delivery: Delivery) -> None:
        """Start a delivery once: again only where it has neither an attempt nor an instance."""
        if not await self.rows.create(delivery, self.clock()):
            row = await self.rows.get(delivery)
            if row is not None and row.begun:
                return
            instance = await self.orchestrations.status(delivery.id)
            if instance is not None and not instance.ended:
                return
        order = DeliveryInput(**_named(delivery), scale=self.settings.delivery_scale)
        try:
            await self.orchestrations.start(DELIVER_OUTCOME, delivery.id, order.dumped())
        except AlreadyStarted:
            _LOG.debug("the delivery %s is under way", delivery.id)

    async def redeliver(self, delivery: Delivery) -> bool:
        """Begin anew what failed for good or was dropped; False where there is no such delivery.

        Its id stays, so that a receiver that had it after all drops it.
        """
        await self.unfinished.add(DELIVERY, delivery.id, _named(delivery))
        reopened = await self.rows.reopen(delivery, self.clock())
        if reopened:
            await self.start(delivery)
        return reopened

    async def resume(self, left: UnfinishedRow) -> None:
        """Start what was to be redelivered where a crash left it."""
        delivery = Delivery(**left.data)
        row = await self.rows.get(delivery)
        if row is None or row.begun:
            await self.unfinished.remove(DELIVERY, left.key)
        else:
            await self.start(delivery)

    async def post(self, call: PostCall) -> PostReport:
        """Attempt once, and write what came of it; an attempt that is written is not made again.

        Doing it again after a crash in between has the same id.

        Raises:
            StorageUnavailable: nothing was posted, or what came of it could not be told.
        """
        delivery, now = call.delivery, self.clock()
        row = await self.rows.get(delivery) or DeliveryRow(delivery, now, now)
        if row.attempts >= call.attempt:
            report = _noted(row)
        else:
            with span("delivery", delivery=delivery.id, attempt=call.attempt):
                report = await self._attempt(delivery, row)
            if report.kind == "not_ready" and not call.last:
                return report
            row = replace(
                row,
                updated_at=self.clock(),
                state=_state(report, last=call.last),
                attempts=call.attempt,
                status=report.status,
                detail=report.detail,
            )
            await self.rows.note(
                delivery,
                attempt=row.attempts,
                state=row.state,
                status=row.status,
                detail=row.detail,
                now=row.updated_at,
            )
        if row.state == "failed":
            await self.dead_letters.alarm(row)
        return report

    async def holds(self, run: RunRow) -> bool:
        """Whether a delivery of the run is still open, or is a dead letter: then the run must stay."""
        if not self._concerns(run):
            return False
        return any(row.state in ("pending", "failed") for row in await self.rows.of_run(run.run_id))

    async def forget(self, run: RunRow) -> list[str]:
        """Delete the rows of a run's deliveries; return the ids of their orchestrations."""
        if not self._concerns(run):
            return []
        rows = await self.rows.of_run(run.run_id)
        for row in rows:
            await self.rows.delete(row.delivery)
        return [row.delivery.id for row in rows]

    def _concerns(self, run: RunRow) -> bool:
        return any(channel.events_of(run) for channel in self.channels.values())

    async def _attempt(self, delivery: Delivery, row: DeliveryRow) -> PostReport:
        run = await self.runs.get(delivery.run_id)
        channel = self.channels.get(delivery.channel)
        if run is None or channel is None or not channel.events_of(run):
            return PostReport(kind="dropped", detail="the run, or its callback, is no longer there")
        document = await self._document(run)
        if delivery.event == "run.input_required":
            asked = reminded_of(delivery.request_id or "")
            if not any(request["id"] == asked for request in document["input_requests"]):
                return PostReport(kind="dropped", detail="the question is no longer open")
        elif TERMINAL_EVENTS.get(RunStatus(document["status"])) != delivery.event:
            return PostReport(kind="not_ready", detail="the run does not show this outcome")
        result = await channel.deliver(delivery, document, run=run, since=row.created_at)
        return PostReport(
            kind="delivered" if result.delivered else "final" if result.final else "failed",
            status=result.status,
            detail=result.detail,
            retry_after=result.retry_after,
        )

    async def _document(self, run: RunRow) -> dict[str, Any]:
        """Build the document of a run, outside of any request; its tokens only read."""
        base = (self.settings.own_url or run.base_url or NOWHERE) + self.route_prefix
        documents = StatusDocuments(self.tokens, base)
        return documents.of(await self.status.read(run), can_act=False).model_dump(mode="json")


def _named(delivery: Delivery) -> dict[str, Any]:
    """Return what names a delivery, JSON-ready; the callback's are written as before there were others."""
    names = {"run_id": delivery.run_id, "event": delivery.event, "request_id": delivery.request_id}
    return names if delivery.channel == CALLBACK else {**names, "channel": delivery.channel}


def _noted(row: DeliveryRow) -> PostReport:
    kinds: dict[DeliveryState, Any] = {"pending": "failed", "failed": "final"}
    return PostReport(kind=kinds.get(row.state, row.state), status=row.status, detail=row.detail)


def _state(report: PostReport, *, last: bool) -> DeliveryState:
    match report.kind:
        case "delivered":
            return "delivered"
        case "dropped":
            return "dropped"
        case "final":
            return "failed"
        case _:
            return "failed" if last else "pending"
