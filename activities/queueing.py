"""The activity of a run that waits for its turn in a conversation."""

from collections.abc import Callable
from typing import Any

from raincheck.payloads import MAY_GO, TurnCheck, decoded
from raincheck.ports import Orchestrations, Runs
from raincheck.turns import Turns

__all__ = ["register"]


def register(app: Any, runs: Runs, turns: Turns, orchestrations_of: Callable[[Any], Orchestrations]) -> None:
    """Add `may_go`. `orchestrations_of` wraps the client that the binding gives."""

    async def may_go(payload: dict, client: Any) -> dict:  # type: ignore[type-arg]  # the worker casts by annotation
        check = TurnCheck.model_validate(decoded(payload))
        row = await runs.get(check.run_id)
        if row is None or row.conversation_id is None:
            return {"go": True}  # there is nobody to wait for
        return {"go": await turns.may_go(row.conversation_id, row.run_id, orchestrations_of(client))}

    with_trigger = app.activity_trigger(input_name="payload")(may_go)
    app.function_name(name=MAY_GO)(app.durable_client_input(client_name="client")(with_trigger))
