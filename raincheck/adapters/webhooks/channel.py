"""The channel of callback URLs: the status document, signed as Standard Webhooks define it."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from typing_extensions import override

from raincheck.adapters.webhooks.body import callback_body, webhook_id
from raincheck.adapters.webhooks.poster import HttpWebhooks
from raincheck.models import CallbackEvent, StartRequest
from raincheck.service.deliveries import Channel, Delivery, PostResult
from raincheck.service.runs import RunRow

__all__ = ["CallbackChannel"]


class CallbackChannel(Channel):
    """Posts to the URL that a run's start named."""

    def __init__(self, webhooks: HttpWebhooks) -> None:
        self._webhooks = webhooks

    @override
    def target_of(self, request: StartRequest) -> None:
        """Refuse a callback that could never be posted; its URL has a place of its own in the run's row."""
        if request.callback is not None:
            self._webhooks.check(request.callback)

    @override
    def events_of(self, run: RunRow) -> Collection[CallbackEvent]:
        """Return the events that the callback wants."""
        return () if run.callback is None else run.callback.events

    @override
    async def deliver(
        self, delivery: Delivery, document: Mapping[str, Any], *, run: RunRow, since: datetime
    ) -> PostResult:
        """Post once; all attempts have one webhook-id."""
        if run.callback is None:
            return PostResult(delivered=False, final=True, status=None, detail="the run has no callback")
        return await self._webhooks.post(
            run.callback,
            webhook_id=webhook_id(delivery.run_id, delivery.event, delivery.request_id),
            body=callback_body(delivery.event, timestamp=since, document=document),
        )
