"""Asking a run to stop: noted with its time, raised as an event, and then crossed out."""

from starlette.requests import Request

from raincheck.payloads import CANCEL_EVENT
from raincheck.service.ports import RunRow
from raincheck.service.services import Services, orchestrations_of
from raincheck.service.status import RunView
from raincheck.service.views import views_of

__all__ = ["cancel_run"]


async def cancel_run(services: Services, request: Request, row: RunRow) -> RunView:
    """Cancel the run unless it has ended; give how it stands.

    A run that is only just being started can't take the event: then the note stays, and the sweeper raises
    it. So does a note that a crash leaves behind.
    """
    views = views_of(services, request)
    view = await views.read(row)
    if view.outcome is not None:
        return view
    value = {"at": services.clock().isoformat()}
    await services.unfinished.add("cancel", row.run_id, value)
    raised = await orchestrations_of(request).raise_event(row.run_id, CANCEL_EVENT, value)
    if not raised:
        view = await views.read(row)  # it ended meanwhile, or isn't started yet
    if raised or view.outcome is not None:
        await services.unfinished.remove("cancel", row.run_id)
    return view
