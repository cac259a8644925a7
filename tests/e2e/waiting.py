"""Waiting for a condition, with a limit."""

import asyncio
import time

__all__ = ["until"]


async def until(look, limit=60.0):
    """Look until there is something true; give it."""
    end = time.monotonic() + limit
    while not (seen := await look()):
        assert time.monotonic() < end, "it never came about"
        await asyncio.sleep(0.05)
    return seen
