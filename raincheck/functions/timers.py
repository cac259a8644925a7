"""The timers: a sweep twice a minute, retention every minute, each for less than that at a time."""

import logging
from typing import TYPE_CHECKING, Any

import azure.functions as func

from raincheck.functions.activities import Bind

if TYPE_CHECKING:
    import azure.durable_functions as df

__all__ = ["NAMES", "register"]

_LOG = logging.getLogger("raincheck.timers")
_SCHEDULES = {"sweep": "*/30 * * * * *", "clear_old_runs": "45 * * * * *"}
NAMES = frozenset(_SCHEDULES)
SLICE = 25.0  # seconds: less than the time to the next


def register(app: "df.DFApp", bind: Bind) -> None:
    """Add the timers."""

    async def sweep(timer: func.TimerRequest, client: Any) -> None:  # noqa: ARG001 - the trigger's name
        looked_at = await bind(client).sweep.sweep(seconds=SLICE)
        if looked_at:
            _LOG.info("swept %d notes", looked_at)

    async def clear_old_runs(timer: func.TimerRequest, client: Any) -> None:  # noqa: ARG001 - as above
        cleared = await bind(client).retention.clear(seconds=SLICE)
        if cleared:
            _LOG.info("cleared %d runs away", cleared)

    for name, function in (("sweep", sweep), ("clear_old_runs", clear_old_runs)):
        bound = app.durable_client_input(client_name="client")(function)
        bound = app.timer_trigger(arg_name="timer", schedule=_SCHEDULES[name])(bound)
        app.function_name(name)(bound)
