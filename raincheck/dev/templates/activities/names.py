"""Looks people up."""

from raincheck import step


@step
async def look_up(name: str) -> str:
    """Return the full name. Any I/O has its place in a step: it is retried, and its result is kept."""
    return name.strip().title()
