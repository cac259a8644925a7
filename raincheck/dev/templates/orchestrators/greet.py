"""Greets somebody: the flow decides in which order, its steps do the work."""

from raincheck import Run, flow

from activities.names import look_up


@flow(acknowledge="I'm looking you up.")
async def greet(run: Run, name: str) -> str:
    """Greet somebody by their full name."""
    full_name = await run.step(look_up, name)
    return f"Hello, {full_name}!"
