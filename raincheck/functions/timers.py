"""The timers: a sweeper twice a minute, retention every minute, each for less than that at a time."""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import azure.functions as func

from raincheck.service.ports import Orchestrations
from raincheck.service.retention import Retention
from raincheck.service.sweep import Sweeper

if TYPE_CHECKING:
    import azure.durable_functions as df

__all__ = ["register"]

_LOG = logging.getLogger("raincheck.timers")
SLICE = 25.0  # seconds: less than the time to the next


def register(
    app: "df.DFApp",
    *,
    sweeper: Sweeper,
    retention: Retention,
    orchestrations_of: Callable[[Any], Orchestrations],
) -> None:
    """Add the timers. `orchestrations_of` wraps the client that the binding gives."""

    async def sweep(timer: func.TimerRequest, client: Any) -> None:  # noqa: ARG001 - the trigger's name
        looked_at = await sweeper.sweep(orchestrations_of(client), seconds=SLICE)
        if looked_at:
            _LOG.info("swept %d notes", looked_at)

    async def clear_old_runs(timer: func.TimerRequest, client: Any) -> None:  # noqa: ARG001 - as above
        cleared = await retention.clear(orchestrations_of(client), seconds=SLICE)
        if cleared:
            _LOG.info("cleared %d runs away", cleared)

    for name, schedule, function in (
        ("sweep", "*/30 * * * * *", sweep),
        ("clear_old_runs", "45 * * * * *", clear_old_runs),
    ):
        bound = app.durable_client_input(client_name="client")(function)
        bound = app.timer_trigger(arg_name="timer", schedule=schedule)(bound)
        app.function_name(name)(bound)
