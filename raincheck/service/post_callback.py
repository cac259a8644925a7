"""Deliveries: starting one, posting once, and doing it anew where that failed for good."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from raincheck.errors import AlreadyStarted
from raincheck.models import CallbackEvent
from raincheck.outcomes import TERMINAL_EVENTS, RunStatus
from raincheck.payloads import DELIVER_OUTCOME
from raincheck.run_ids import reminded_of
from raincheck.service.deliveries import (
    DeadLetters,
    Deliveries,
    Delivery,
    DeliveryInput,
    DeliveryRow,
    DeliveryState,
    PostCall,
    PostReport,
)
from raincheck.service.ports import Clock, Orchestrations, RunRow, Runs, Unfinished, UnfinishedRow, Webhooks
from raincheck.service.webhooks import callback_body, webhook_id

__all__ = ["KIND", "CallbackDeliveries", "DocumentOf"]

KIND = "delivery"
"""The kind of the notes that tell the sweeper of a redelivery."""

_LOG = logging.getLogger("raincheck.delivery")

DocumentOf = Callable[[Orchestrations, str], Awaitable[dict[str, Any] | None]]
"""Gives the status document of a run, JSON-ready and with tokens that only read; None: no such run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackDeliveries:
    """What `post_callback` does, and how deliveries are started. `scale` is RAINCHECK_DELIVERY_SCALE."""

    runs: Runs
    deliveries: Deliveries
    webhooks: Webhooks
    document_of: DocumentOf
    dead_letters: DeadLetters
    unfinished: Unfinished
    clock: Clock
    scale: float = 1.0

    async def start(
        self, orchestrations: Orchestrations, run_id: str, event: CallbackEvent, request_id: str | None = None
    ) -> None:
        """Start a delivery once: again only where it has neither an attempt nor an instance."""
        delivery = Delivery(run_id, event, request_id)
        if not await self.deliveries.create(delivery, self.clock()):
            row = await self.deliveries.get(delivery)
            if row is not None and row.begun:
                return
            instance = await orchestrations.status(delivery.id)
            if instance is not None and not instance.ended:
                return
        order = DeliveryInput(run_id=run_id, event=event, request_id=request_id, scale=self.scale)
        try:
            await orchestrations.start(DELIVER_OUTCOME, delivery.id, order.dumped())
        except AlreadyStarted:
            _LOG.debug("the delivery %s is under way", delivery.id)

    async def redeliver(self, delivery: Delivery, orchestrations: Orchestrations) -> bool:
        """Begin anew what failed for good or was dropped; False where there is no such delivery.

        Its webhook-id stays, so that a receiver that had it after all drops it.
        """
        order = {"run_id": delivery.run_id, "event": delivery.event, "request_id": delivery.request_id}
        await self.unfinished.add(KIND, delivery.id, order)
        reopened = await self.deliveries.reopen(delivery, self.clock())
        if reopened:
            await self.start(orchestrations, delivery.run_id, delivery.event, delivery.request_id)
        return reopened

    async def again(self, note: UnfinishedRow, orchestrations: Orchestrations) -> None:
        """Start what was to be redelivered where a crash left it; for the sweeper."""
        delivery = Delivery(**note.data)
        row = await self.deliveries.get(delivery)
        if row is None or row.begun:
            await self.unfinished.remove(KIND, note.key)
        else:
            await self.start(orchestrations, delivery.run_id, delivery.event, delivery.request_id)

    async def post(self, call: PostCall, orchestrations: Orchestrations) -> PostReport:
        """Post once, and note what came of it; an attempt that is noted is not made again.

        Posting again after a crash in between has the same webhook-id.

        Raises:
            StorageUnavailable: nothing was posted, or what came of it could not be told.
        """
        delivery = Delivery(call.run_id, call.event, call.request_id)
        now = self.clock()
        row = await self.deliveries.get(delivery) or DeliveryRow(delivery, now, now)
        if row.attempts >= call.attempt:
            report = _noted(row)
        else:
            report = await self._attempt(call, row, orchestrations)
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
            await self.deliveries.note(
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

    async def held(self, run: RunRow) -> bool:
        """Whether a delivery of the run is still open, or is a dead letter: then the run must stay."""
        if run.callback is None:
            return False
        rows = await self.deliveries.of_run(run.run_id)
        return any(row.state in ("pending", "failed") for row in rows)

    async def forget(self, run: RunRow) -> list[str]:
        """Delete the rows of a run's deliveries; give the ids of their orchestrations."""
        if run.callback is None:
            return []
        rows = await self.deliveries.of_run(run.run_id)
        for row in rows:
            await self.deliveries.delete(row.delivery)
        return [row.delivery.id for row in rows]

    async def _attempt(self, call: PostCall, row: DeliveryRow, orchestrations: Orchestrations) -> PostReport:
        run = await self.runs.get(call.run_id)
        if run is None or run.callback is None:
            return PostReport(kind="dropped", detail="the run, or its callback, is no longer there")
        document = await self.document_of(orchestrations, call.run_id)
        if document is None:
            return PostReport(kind="dropped", detail="the run is no longer there")
        if call.event == "run.input_required":
            asked = reminded_of(call.request_id or "")
            if not any(request["id"] == asked for request in document["input_requests"]):
                return PostReport(kind="dropped", detail="the question is no longer open")
        elif TERMINAL_EVENTS.get(RunStatus(document["status"])) != call.event:
            return PostReport(kind="not_ready", detail="the run does not show this outcome")
        attempt = await self.webhooks.post(
            run.callback,
            webhook_id=webhook_id(call.run_id, call.event, call.request_id),
            body=callback_body(call.event, timestamp=row.created_at, document=document),
        )
        kind = "delivered" if attempt.delivered else "final" if attempt.final else "failed"
        return PostReport.model_validate(
            {
                "kind": kind,
                "status": attempt.status,
                "detail": attempt.detail,
                "retry_after": attempt.retry_after,
            }
        )


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
