"""The adapters, and the use cases on them, on one page: imported by a worker's first call, not its start."""

from datetime import UTC, datetime

from raincheck.adapters.answers import TableAnswerRows
from raincheck.adapters.conversations import TableConversations
from raincheck.adapters.dead_letters import QueueDeadLetters
from raincheck.adapters.deliveries import TableDeliveries
from raincheck.adapters.event_log import BlobEventLog
from raincheck.adapters.idempotency import TableIdempotencyKeys
from raincheck.adapters.outcomes import TableOutcomes
from raincheck.adapters.remains import BlobRemains
from raincheck.adapters.runs import TableRuns
from raincheck.adapters.stop_markers import TableStopMarkers
from raincheck.adapters.storage import Storage
from raincheck.adapters.unfinished import TableUnfinished
from raincheck.adapters.webhooks import CallbackChannel, HttpWebhooks
from raincheck.registry import Registry
from raincheck.service.deliveries import CALLBACK
from raincheck.service.following.nudges import Nudges
from raincheck.service.settings import Settings
from raincheck.service.use_cases import Wiring

__all__ = ["wire"]


def wire(storage: Storage, *, settings: Settings, registry: Registry, prefix: str) -> Wiring:
    """Wire every adapter; nothing is opened yet."""
    runs = TableRuns(storage)
    nudges = Nudges()
    webhooks = HttpWebhooks(
        hosts=settings.callback_hosts,
        secrets=settings.webhook_secrets,
        development=settings.development,
        clock=_clock,
    )
    return Wiring(
        settings=settings,
        registry=registry,
        runs=runs,
        index=runs,
        outcomes=TableOutcomes(storage),
        events=BlobEventLog(storage, _clock, stored=nudges.appended),
        markers=TableStopMarkers(storage),
        unfinished=TableUnfinished(storage, _clock),
        keys=TableIdempotencyKeys(storage),
        conversations=TableConversations(storage),
        answers=TableAnswerRows(storage),
        deliveries=TableDeliveries(storage),
        dead_letters=QueueDeadLetters(storage),
        remains=BlobRemains(storage),
        channels={CALLBACK: CallbackChannel(webhooks)},
        clock=_clock,
        route_prefix=prefix,
        nudges=nudges,
    )


def _clock() -> datetime:
    """Return the time: the one clock of the app."""
    return datetime.now(UTC)
