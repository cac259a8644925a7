"""Flows that a scripted flow may start."""

from raincheck import Run, flow


@flow
async def inner(run: Run, number: int) -> int:
    """A sub-flow that a scripted test never really runs."""
    raise AssertionError(number)
