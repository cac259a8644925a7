"""Plays a scenario on the engine, with the genuine SDK on both sides, and holds it against the recording.

The world stands still while the script acts and moves while it waits: that is how a recorded "Pending" right
after a start is met again.
"""

import asyncio
import json
import time
import urllib.parse
from datetime import timedelta

import httpx
import uvicorn
from azure.durable_functions.models.DurableOrchestrationClient import DurableOrchestrationClient
from azure.durable_functions.models.utils import http_utils
from starlette.applications import Starlette

from conformance.app.activities import ACTIVITIES, ATTEMPTS
from conformance.app.orchestrators import RUNS
from conformance.comparable import Side, difference
from conformance.in_process import InProcessFunctions
from conformance.pacing import Pacer
from conformance.played import compare_activities, compare_episodes, http_document, sdk_document
from conformance.recording import Recording
from conformance.stepped_clock import SteppedClock
from raincheck_devhost.durable.http.web import client_binding, management_routes, rpc_routes
from raincheck_devhost.durable.runtime.engine import DurableEngine
from raincheck_devhost.durable.settings import DurableSettings

ORIGIN, RPC_ORIGIN, CODE = "http://127.0.0.1:7072", "http://127.0.0.1:17071", "SYSTEMKEY"
BASE = f"{ORIGIN}/runtime/webhooks/durabletask"
ENDED = ("Completed", "Failed", "Terminated")
_LIMIT_SECONDS = 20


class Stage:
    """`differences` collects what isn't as recorded; leaving compares the episodes and fails on any."""

    def __init__(self, name, orchestrators, state_file, settings=None):
        self.recording = Recording(name)
        self.clock, self.pacer = SteppedClock(), Pacer(self.recording)
        self.functions = InProcessFunctions(
            orchestrators, ACTIVITIES, sleep=self.clock.sleep, pacer=self.pacer
        )
        self._settings = settings or DurableSettings(hub_name="SpikeHub", max_activities=1000)
        self._state_file = state_file
        self.differences, self._count, self._wire = [], 0, []
        ATTEMPTS.clear()
        RUNS.clear()

    async def __aenter__(self):
        await self.start_engine()
        self._server = uvicorn.Server(
            uvicorn.Config(
                self._rpc, port=0, interface="asgi3", log_level="error", lifespan="off", access_log=False
            )
        )
        self._serving = asyncio.create_task(self._server.serve())
        await _until(lambda: self._server.started)
        self._http = httpx.AsyncClient(
            transport=httpx.ASGITransport(self._management), timeout=_LIMIT_SECONDS
        )
        port = self._server.servers[0].sockets[0].getsockname()[1]
        rpc_origin = f"http://127.0.0.1:{port}"
        self.sides = (Side(), Side([(f"127.0.0.1:{port}", "127.0.0.1:17071")]))
        binding = client_binding(self.engine, origin=ORIGIN, rpc_origin=rpc_origin, code=CODE)
        self.sdk = DurableOrchestrationClient(binding)
        for method in ("_post_async_request", "_get_async_request", "_delete_async_request"):
            setattr(self.sdk, method, self._tapped(method, getattr(self.sdk, method)))
        return self

    async def __aexit__(self, kind, *_):
        await http_utils._close_session()
        await self._http.aclose()
        self._server.should_exit = True
        await self._serving
        await self.engine.stop(0)
        if kind is None:
            self.differences += compare_episodes(self.recording, self.functions.episodes, self.sides)
            self.differences += compare_activities(self.recording, self.functions.activity_calls, self.sides)
            assert not self.differences, "\n\n".join(self.differences)

    async def start_engine(self):
        """Start the engine on the state file, again if need be."""
        self.engine = DurableEngine(
            self._state_file, self.functions, self._settings, clock=self.clock, batching=self.pacer
        )
        await self.engine.start()
        self._management_app = Starlette(routes=management_routes(self.engine, code=CODE))
        self._rpc_app = Starlette(routes=rpc_routes(self.engine, code=CODE))

    async def _management(self, scope, receive, send):
        await self._management_app(scope, receive, send)

    async def _rpc(self, scope, receive, send):
        await self._rpc_app(scope, receive, send)

    def _tapped(self, method, call):
        async def tapped(url, *args, **kwargs):
            answer = await call(url, *args, **kwargs)
            wire = {"call": method.strip("_"), "url": url, "status": answer[0], "body": answer[1]}
            self._wire.append(wire)
            return answer

        return tapped

    async def http(self, what, method, path, body=None, headers=None, *, moving=False):
        """Send a request to the management API and compare the answer; `moving`: time goes on meanwhile."""
        url = BASE + path + ("&" if "?" in path else "?") + f"code={CODE}"
        headers = dict(headers or {})
        if body is not None:
            body = body if isinstance(body, str) else json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        sending = asyncio.create_task(
            self._http.request(method, url, content=body and body.encode(), headers=headers)
        )
        if moving:
            await self._move(None, sending.done)
        response = await sending
        self._count += 1
        name = f"{self._count:02d}-{what}"
        self._compare("http", name, http_document(method, url, response))
        return response

    async def engine_answer(self, method, path):
        """Send a request that isn't in the recording."""
        return await self._http.request(method, BASE + path)

    async def client(self, what, call):
        """Call the SDK's client and compare what came of it, traffic included."""
        self._wire = []
        try:
            result = await call(self.sdk)
        except Exception as error:  # noqa: BLE001 - the recording has exceptions too
            result = error
        self._count += 1
        self._compare("sdk", f"{self._count:02d}-{what}", sdk_document(result, self._wire))
        return result

    def skip(self, why, http=0, sdk=0):
        """Leave out recorded steps, for the reason given: they keep their numbers."""
        assert why
        self._count += http + sdk

    async def start(self, name, instance_id=None, given=None):
        """Start through the SDK."""
        return await self.client(f"start_new-{name}", lambda c: c.start_new(name, instance_id, given))

    async def status(self, instance_id, tag="final"):
        """Ask for the status in all the ways that were recorded."""
        quoted = urllib.parse.quote(instance_id)
        path = f"/instances/{quoted}"
        await self.http(f"status-{tag}", "GET", path)
        await self.http(f"status-{tag}-showHistory", "GET", f"{path}?showHistory=true")
        await self.http(
            f"status-{tag}-showHistory-showHistoryOutput",
            "GET",
            f"{path}?showHistory=true&showHistoryOutput=true",
        )
        await self.http(f"status-{tag}-showInput-false", "GET", f"{path}?showInput=false")
        await self.client(f"get_status-{tag}", lambda c: c.get_status(instance_id))
        await self.client(
            f"get_status-{tag}-all",
            lambda c: c.get_status(instance_id, show_history=True, show_history_output=True, show_input=True),
        )

    async def until(self, instance_id, states=ENDED, timeout=60):  # noqa: ASYNC109 - seconds of the test's clock
        """Let time go on until the instance is in one of these states, at most so many seconds."""

        async def there():
            row = await self.engine.client.find(instance_id)
            return row is not None and row.status in states

        await self._move(timeout, there)

    async def sleep(self, seconds):
        """Let so much time go by."""
        await self._move(seconds, lambda: False)

    async def _move(self, seconds, reached):
        until = None if seconds is None else self.clock.now() + timedelta(seconds=seconds)
        self.pacer.closed = False
        self.engine.orchestrations.poke()
        while True:
            await self._settle()
            found = reached()
            if await found if asyncio.iscoroutine(found) else found:
                break
            if not self.clock.ring(until) and until is not None:
                break
        self.pacer.closed = True

    async def _settle(self):
        """Wait until nothing can happen without a clock or a message."""
        await _until(self._still)
        for _ in range(20):  # an HTTP request may be on its way through the loop
            await asyncio.sleep(0)
        await _until(self._still)

    def _still(self):
        held = self.functions.asleep + self.pacer.blocked
        return not self.engine.orchestrations.running and self.engine.activities.running == held

    def _compare(self, kind, name, played):
        recorded = getattr(self.recording, kind).get(name)
        if recorded is None:
            self.differences.append(f"{kind}/{name} is not in the recording")
        elif found := difference(recorded, played, self.sides):
            self.differences.append(f"{self.recording.name}/{kind}/{name}:\n{found}")


async def _until(condition):
    deadline = time.monotonic() + _LIMIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "the engine didn't come to rest"
        await asyncio.sleep(0)
