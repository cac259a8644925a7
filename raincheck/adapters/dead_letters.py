"""The alarm for operators: a message on a storage queue for each delivery that failed for good."""

import json
from contextlib import suppress

from typing_extensions import override

from raincheck.adapters import schema
from raincheck.adapters.storage import Storage, sdk, within
from raincheck.service.deliveries import DeadLetters, DeliveryRow

__all__ = ["QueueDeadLetters"]

_FOR_EVER = -1  # otherwise a message is gone after a week


class QueueDeadLetters(DeadLetters):
    """Sends `{"delivery", "run_id", "event", "attempts", "status", "detail", "failed_at"}`: no secrets."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    @override
    async def alarm(self, row: DeliveryRow) -> None:
        message = json.dumps(
            {
                "delivery": row.delivery.id,
                "run_id": row.delivery.run_id,
                "event": row.delivery.event,
                "attempts": row.attempts,
                "status": row.status,
                "detail": row.detail,
                "failed_at": row.updated_at.isoformat(),
            }
        )
        queue = self._storage.queue(schema.DEAD_LETTERS)
        async with within():
            try:
                await queue.send_message(message, time_to_live=_FOR_EVER)
            except sdk.ResourceNotFoundError:
                with suppress(sdk.ResourceExistsError):  # another one was faster
                    await queue.create_queue()
                await queue.send_message(message, time_to_live=_FOR_EVER)
