"""The sub-flows of a run, as Durable knows them."""

from collections.abc import AsyncIterator

from raincheck.service.ports import InstanceStatus, Orchestrations

__all__ = ["subflows_of"]


async def subflows_of(
    run_id: str, orchestrations: Orchestrations
) -> AsyncIterator[tuple[str, InstanceStatus]]:
    """Return ids and statuses, parents before their children: the numbers have no gaps."""
    number = 1
    while (status := await orchestrations.status(f"{run_id}:{number}")) is not None:
        yield f"{run_id}:{number}", status
        async for below in subflows_of(f"{run_id}:{number}", orchestrations):
            yield below
        number += 1
