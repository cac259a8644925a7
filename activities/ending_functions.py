"""Registers the activities of a run's end. They may start and end orchestrations: each has a client."""

from collections.abc import Callable
from typing import Any

from activities.ending import Endings
from raincheck.payloads import (
    COMPLETE_RUN,
    STOP_STEPS,
    TERMINATE_RUN,
    Completion,
    Ending,
    StopRequest,
    decoded,
)
from raincheck.ports import Orchestrations

__all__ = ["register"]


def register(app: Any, endings: Endings, orchestrations_of: Callable[[Any], Orchestrations]) -> None:
    """Add the three activities. `orchestrations_of` wraps the client that the binding gives."""

    async def stop_steps(payload: dict, client: Any) -> dict:  # type: ignore[type-arg]  # the worker casts by annotation
        request = StopRequest.model_validate(decoded(payload))
        await endings.stop_steps(request, orchestrations_of(client))
        return {"done": True}

    async def complete_run(payload: dict, client: Any) -> dict:  # type: ignore[type-arg]  # as above
        completion = Completion.model_validate(decoded(payload))
        await endings.complete_run(completion, orchestrations_of(client))
        return {"done": True}

    async def terminate_run(payload: dict, client: Any) -> dict:  # type: ignore[type-arg]  # as above
        ending = Ending.model_validate(decoded(payload))
        return {"open": await endings.terminate_run(ending, orchestrations_of(client))}

    for name, function in (
        (STOP_STEPS, stop_steps),
        (COMPLETE_RUN, complete_run),
        (TERMINATE_RUN, terminate_run),
    ):
        with_trigger = app.activity_trigger(input_name="payload")(function)
        app.function_name(name=name)(app.durable_client_input(client_name="client")(with_trigger))
