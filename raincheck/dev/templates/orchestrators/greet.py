"""Greets somebody: the flow decides in which order, its steps do the work."""

from activities.names import look_up
from raincheck import Run, flow


@flow(acknowledge="I'm looking you up.")
async def greet(run: Run, name: str) -> str:
    """Greet somebody by their full name."""
    full_name = await run.step(look_up, name)
    return f"Hello, {full_name}!"
