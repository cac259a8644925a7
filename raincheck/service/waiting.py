"""Holding an answer back until a run has changed, the time is up, or the caller is gone."""

import asyncio
from collections.abc import Callable

from starlette.requests import Request

from raincheck.errors import StorageUnavailable
from raincheck.service.services import Services
from raincheck.service.status import RunView, RunViews

__all__ = ["ClientGone", "watch"]

FIRST_DELAY, GROWTH, LAST_DELAY = 0.05, 1.5, 1.0  # seconds between two looks


class ClientGone(Exception):
    """The caller has closed the connection: there is nobody to answer."""


async def watch(
    services: Services,
    request: Request,
    views: RunViews,
    view: RunView,
    *,
    until: Callable[[RunView], bool],
    seconds: float,
) -> RunView:
    """Look at the run again and again, beginning at once; give the last view.

    That storage is away for a while changes nothing: the last good view is what is known.

    Raises:
        ClientGone: the caller left.
    """
    deadline = services.monotonic() + seconds
    delay = FIRST_DELAY
    while (remaining := deadline - services.monotonic()) > 0:
        try:
            async with asyncio.timeout(remaining + LAST_DELAY):
                view = await views.read(view.row)
        except (StorageUnavailable, TimeoutError):
            pass
        else:
            if until(view):
                return view
        if await request.is_disconnected():
            raise ClientGone
        await services.sleep(max(0.0, min(delay, deadline - services.monotonic())))
        delay = min(delay * GROWTH, LAST_DELAY)
    return view
