"""Odd requests of callers without a key, amid runs: all end, nothing is left, nobody else is hurt."""

import asyncio
import itertools
import json
import os

import httpx
import pytest

from tests.e2e.attacks.odd_requests import KINDS, ended
from tests.e2e.hosts import copy_of_app
from tests.e2e.waiting import until

ODD, RUNS, SECONDS = 400, 20, 30.0
TICKS = int(os.environ.get("STRANDED_TICKS", "5"))  # 30 as shipped: half a minute more
LIMIT = 35.0  # seconds, with the ticks as shipped
STORY = {"input": {"topic": "rain", "pieces": 20, "delay_ms": 20}, "background": True}
APP = f"""
import asyncio
import os
import sys

import azure.functions as func
from azurefunctions.extensions.http.fastapi import JSONResponse, Request, Response

from raincheck.functions import function_app
from raincheck.functions.stranded import release_stranded

release_stranded(ticks={TICKS})
app = function_app(__file__)


@app.route(route="counts", auth_level=func.AuthLevel.ANONYMOUS)
async def counts(req: Request) -> Response:
    worker = "azure_functions_worker" if sys.version_info < (3, 13) else "azure_functions_runtime"
    coordinator = sys.modules[worker + ".http_v2"].http_coordinator
    return JSONResponse({{
        "pid": os.getpid(),
        "references": len(coordinator._context_references),
        "invoked": len(coordinator.get_http_request_async.__self__._invoked),
        "tasks": len(asyncio.all_tasks()),
    }})
"""


@pytest.fixture
def attacked(running, azurite, tmp_path):
    """Base of the API of an app that counts what its worker keeps."""
    app = copy_of_app(tmp_path / "app")
    (app / "function_app.py").write_text(APP, encoding="utf-8")
    with running(azurite, app) as base:
        yield base


async def asked(api, method, url, **more):
    """An answer; a client asks again where a loaded machine's storage is away for the moment."""

    async def answer():
        response = await api.request(method, url, **more)
        return None if response.status_code == 503 and "retry-after" in response.headers else response

    return await until(answer, LIMIT)


async def told(api):
    """A run from start to result, as its followers see it."""
    document = (await asked(api, "POST", "/flows/tell_story/runs", json=STORY)).json()
    events = await until(lambda: followed(api, document["events_url"]), LIMIT)
    status = (await asked(api, "GET", document["status_url"])).json()
    return status["status"], "".join(event.get("text", "") for event in events) == status["result"]["text"]


async def followed(api, url):
    """All events of a run; none where storage is away for the moment."""
    async with api.stream("GET", url) as answer:
        if answer.status_code == 503:
            return None
        assert answer.status_code == 200
        return [json.loads(line[6:]) async for line in answer.aiter_lines() if line.startswith("data: ")]


async def spread(make, count, seconds):
    """Start so many over some seconds; their results in order."""

    async def one(number):
        await asyncio.sleep(number * seconds / count)
        return await make(number)

    return await asyncio.gather(*(one(number) for number in range(count)))


async def test_odd_requests_end_and_leave_nothing(attacked):
    """No restart, no right answer wrong, nothing waiting in host or worker, nothing kept."""
    url = httpx.URL(attacked)
    kinds = list(itertools.islice(itertools.cycle(KINDS), ODD))
    async with httpx.AsyncClient(
        base_url=attacked, timeout=60, limits=httpx.Limits(max_connections=200)
    ) as api:
        before = (await api.get("/counts")).json()
        odd, runs = await asyncio.gather(
            spread(lambda number: ended((url.host, url.port), KINDS[kinds[number]]), ODD, SECONDS),
            spread(lambda _: told(api), RUNS, SECONDS),
        )
        wrong = {
            kind: status
            for kind, (status, _) in zip(kinds, odd, strict=True)
            if status not in KINDS[kind].statuses
        }
        assert wrong == {}
        assert max(seconds for _, seconds in odd) < LIMIT
        assert runs == [("Succeeded", True)] * RUNS

        async def rest():
            status = await api.get(str(url.copy_with(path="/admin/host/drain/status")))
            counts = (await api.get("/counts")).json()
            left = {
                "outstanding": status.json()["outstandingInvocations"],
                "references": counts["references"],
                "invoked": counts["invoked"],
                "more tasks": max(0, counts["tasks"] - before["tasks"] - 5),
                "pid": counts["pid"],
            }
            wanted = {"outstanding": 0, "references": 1, "invoked": 1, "more tasks": 0, "pid": before["pid"]}
            seen.append(left)
            return left == wanted

        seen = []
        try:
            await until(rest, TICKS + 15)
        except AssertionError:
            pytest.fail(f"left behind: {seen[-1]}")
