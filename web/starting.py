"""Starting a run: its row first, then the orchestration. After that nothing may look like a failure."""

import logging

from raincheck.errors import AlreadyStarted, NothingStarted, StorageUnavailable
from raincheck.payloads import RUN_FLOW, RunInput, sealed
from raincheck.ports import Orchestrations, RunRow
from web.services import Services
from web.start_request import CheckedStart

__all__ = ["start"]

_LOG = logging.getLogger(__name__)


async def start(
    services: Services, orchestrations: Orchestrations, checked: CheckedStart, base_url: str
) -> RunRow:
    """Start a run and give its row. The URLs of a callback, which no request brings, begin with `base_url`.

    Where it can't be told whether the orchestration was started, the row is given too: callers start again
    after an error, and there would be two. The status tells later: a run that Durable doesn't know after the
    start takeover has failed as `not_started`.

    Raises:
        StorageUnavailable: nothing was started.
    """
    now = services.clock()
    request, flow = checked.request, checked.flow
    row = RunRow(
        run_id=services.new_run_id(now),
        flow=flow.name,
        version=flow.version,
        created_at=now,
        conversation_id=request.conversation_id,
        channel=request.channel,
        metadata=request.metadata,
        callback=request.callback,
        base_url=base_url if request.callback else None,
    )
    payload = RunInput(
        run_id=row.run_id,
        flow=flow.name,
        version=flow.version,
        input_json=sealed(checked.input),
        owes=["callback"] if request.callback else [],
        grace=services.settings.cancel_grace,
    ).dumped()
    await services.runs.create(row)
    try:
        await orchestrations.start(RUN_FLOW, row.run_id, payload)
    except NothingStarted:
        raise
    except (StorageUnavailable, AlreadyStarted):
        _LOG.warning("run %s: no word on whether it was started", row.run_id, exc_info=True)
    return row
