"""Port DeadLetters on a storage queue: a message for operators for each delivery that failed for good."""

import json
from contextlib import suppress

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError

from raincheck.adapters.storage import Storage, within
from raincheck.service.deliveries import DeliveryRow

__all__ = ["DEAD_LETTERS_QUEUE", "QueueDeadLetters"]

DEAD_LETTERS_QUEUE = "raincheck-dead-letters"
_FOR_EVER = -1  # otherwise a message is gone after a week


class QueueDeadLetters:
    """Sends `{"delivery", "run_id", "event", "attempts", "status", "detail", "failed_at"}`: no secrets."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def alarm(self, row: DeliveryRow) -> None:
        """Tell that a delivery failed for good. It may be told twice."""
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
        queue = self._storage.queue(DEAD_LETTERS_QUEUE)
        async with within():
            try:
                await queue.send_message(message, time_to_live=_FOR_EVER)
            except ResourceNotFoundError:
                with suppress(ResourceExistsError):  # another one was faster
                    await queue.create_queue()
                await queue.send_message(message, time_to_live=_FOR_EVER)
