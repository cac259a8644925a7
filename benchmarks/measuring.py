"""What callers see of a running app, measured from outside."""

import asyncio
import itertools
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from raincheck.client import Client, RunStatus

__all__ = ["bare_run", "digest_run", "median_of", "start_answer", "stream_gaps"]

_LOOK = 0.02  # seconds between two looks
_LIMIT = 120.0


async def median_of(measure: Callable[[], Awaitable[float]], times: int) -> float:
    """Return the median of so many measurements, one after another; the first is left out."""
    await measure()
    return statistics.median([await measure() for _ in range(times)])


async def start_answer(client: Client) -> float:
    """Return the seconds from a start to its answer, a token."""
    began = time.perf_counter()
    run = await client.start("digest_documents", _documents(1), background=True)
    spent = time.perf_counter() - began
    await client.wait(run.continuation_token or "", limit=_LIMIT)
    return spent


async def digest_run(client: Client, documents: int) -> float:
    """Return the seconds of a run with a step for each document, from the start to the result."""
    began = time.perf_counter()
    run = await client.start("digest_documents", _documents(documents), background=True)
    token = run.continuation_token or ""
    while (await client.status(token)).status is not RunStatus.SUCCEEDED:
        _in_time(began)
        await asyncio.sleep(_LOOK)
    return time.perf_counter() - began


async def bare_run(http: httpx.AsyncClient, base: str, activities: int) -> float:
    """Return the seconds of a bare orchestration of so many activities."""
    began = time.perf_counter()
    url = f"{base}/runtime/webhooks/durabletask/orchestrators/bare"
    texts = [document["text"] for document in _documents(activities)["documents"]]
    started = await http.post(url, json={"texts": texts})  # an object: the SDK can't read a list
    status_url = started.raise_for_status().json()["statusQueryGetUri"]
    while (status := (await http.get(status_url)).json()["runtimeStatus"]) != "Completed":
        if status == "Failed":
            raise TimeoutError("The bare orchestration failed.")
        _in_time(began)
        await asyncio.sleep(_LOOK)
    return time.perf_counter() - began


async def stream_gaps(client: Client, pieces: int, delay_ms: int) -> list[float]:
    """Return the seconds between two pieces of a stream, as they arrive."""
    given = {"topic": "rain", "pieces": pieces, "delay_ms": delay_ms}
    run = await client.start("tell_story", given, background=True)
    arrived = [
        time.perf_counter()
        async for event in client.follow(run.continuation_token or "")
        if event.type == "output.text.delta"
    ]
    return [later - earlier for earlier, later in itertools.pairwise(arrived)]


def _documents(count: int) -> dict[str, Any]:
    text = "The rain fell. The clerk waited for the rain to end. It did not end."
    return {"documents": [{"name": f"{number}", "text": text} for number in range(count)]}


def _in_time(began: float) -> None:
    if time.perf_counter() - began > _LIMIT:
        raise TimeoutError(f"It took longer than {_LIMIT:.0f} s.")
