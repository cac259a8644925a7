"""With OpenTelemetry on, no framework keeps a token: neither the worker's app, nor ours behind it."""

import subprocess
import sys
from itertools import product

import fastapi
import httpx
import pytest
from azurefunctions.extensions.http.fastapi import web
from fastapi.routing import iter_route_contexts
from opentelemetry import _logs, metrics, trace
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.requests import Request

from raincheck.functions.bridge import handler
from raincheck.functions.untraced_worker import untrace_worker
from raincheck.service.instrumentation import Instrumentation, listen
from raincheck.web.apps import keyed_app, open_app
from raincheck.web.scope import USE_CASES
from tests.unit.rules.repository import ROOT
from tests.unit.web.fakes import World

METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
PATHS = sorted({route.path for route in iter_route_contexts(open_app().routes)})
UNKNOWN = ["/runs/{token}/", "/runs/{token}/nothing", "/RUNS/{token}", "//runs/{token}", "/nothing?t={token}"]


class Recorded:
    """What left the process: spans, log records, metrics."""

    def __init__(self, monkeypatch):
        self._spans, self._records = InMemorySpanExporter(), InMemoryLogRecordExporter()
        self._metrics = InMemoryMetricReader()
        traces, logs = TracerProvider(), LoggerProvider()
        traces.add_span_processor(SimpleSpanProcessor(self._spans))
        logs.add_log_record_processor(SimpleLogRecordProcessor(self._records))
        meters = MeterProvider([self._metrics])
        monkeypatch.setattr(trace, "_TRACER_PROVIDER", traces)
        monkeypatch.setattr(_logs._internal, "_LOGGER_PROVIDER", logs)
        monkeypatch.setattr(metrics._internal, "_METER_PROVIDER", meters)
        self.close = [traces.shutdown, logs.shutdown, meters.shutdown]

    @property
    def spans(self):
        return self._spans.get_finished_spans()

    @property
    def text(self):
        texts = [span.to_json() for span in self.spans]
        texts += [record.log_record.to_json() for record in self._records.get_finished_logs()]
        measured = self._metrics.get_metrics_data()
        return "\n".join([*texts, measured.to_json() if measured else ""])


@pytest.fixture
def recorded(monkeypatch):
    recorded = Recorded(monkeypatch)
    yield recorded
    for close in recorded.close:
        close()


@pytest.fixture(params=["fastapi's own", "instrumented"])
def way(request, recorded):
    """FastAPI traces by itself; so does an app that a distribution of OpenTelemetry has instrumented."""
    if request.param == "instrumented":
        FastAPIInstrumentor().instrument()
        yield
        FastAPIInstrumentor().uninstrument()
    else:
        yield


@pytest.fixture
def worker(way, monkeypatch, world):
    """The worker's app, made as the worker does after it has read the functions, with our apps behind it."""
    monkeypatch.setattr(web, "FastAPI", fastapi.FastAPI)
    untrace_worker()
    open_, keyed = open_app(), keyed_app()
    extras = {USE_CASES: world.uses}
    functions = {
        name: handler(lambda app=app: app, prefix="/api", extras=lambda _: extras)
        for name, app in (("keyed", keyed), ("open", open_))
    }
    app = web.WebApp()

    async def catch_all(request: Request):
        begins = request.scope["path"].startswith(("/api/flows", "/api/manage"))
        return await functions["keyed" if begins else "open"](request, None)

    app.route(catch_all)
    transport = httpx.ASGITransport(app.get_app(), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://raincheck.test", trust_env=False)


@pytest.fixture
def world():
    return World()


def tokens_of(world):
    run_id = world.run()
    world.orchestrations.put(run_id, "Running")
    return [world.token(run_id, scope=scope) for scope in ("read", "cancel", "answer")]


async def test_the_recorder_would_see_a_token(way, recorded):
    """Else the tests below would show nothing."""
    app = fastapi.FastAPI()
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://raincheck.test") as client:
        await client.get("/runs/a-whole-token")
    assert "a-whole-token" in recorded.text


async def test_no_span_holds_a_token_of_any_open_route(worker, recorded, world):
    """Whoever reads traces could open the runs of others for days."""
    assert "/runs/{token}/events" in PATHS
    tokens = tokens_of(world)
    answers = set()
    for path, method, token in product([*PATHS, *UNKNOWN], METHODS, tokens):
        world.time.seconds += 1
        url = "/api" + path.format(token=token)
        headers = {"Accept": "application/json", "Last-Event-ID": token, "Prefer": "wait=0"}
        answers.add((await worker.request(method, url, headers=headers, content=b"{}")).status_code)
    assert {200, 202, 404, 405} <= answers
    assert [token for token in tokens if token in recorded.text] == []
    assert [span.name for span in recorded.spans] == []


async def test_no_record_holds_the_text_of_an_error(worker, recorded, world):
    """FastAPI would log the exception of a bug with all that it says, tokens among it."""
    token = tokens_of(world)[0]
    world.orchestrations.failure = RuntimeError(f"no way to /runs/{token}")
    response = await worker.get(f"/api/runs/{token}")
    assert response.status_code == 500
    assert token not in recorded.text


class Traced(Instrumentation):
    """A listener as an app's owner would write it."""

    def span(self, name, **attributes):
        return trace.get_tracer("owner").start_as_current_span(name, attributes=attributes)


async def test_what_the_app_tells_itself_holds_no_token(worker, recorded, world):
    """The seam for telemetry tells ids: spans there are, and they open nothing."""
    before = listen(Traced())
    try:
        body = {"input": {"name": "Ada"}, "background": True}
        answer = await worker.post("/api/flows/greet/runs", json=body)
    finally:
        listen(before)
    document = answer.json()
    assert [span.name for span in recorded.spans] == ["start"]
    assert "greet" in recorded.text
    secrets = [document["continuation_token"], *(document[key] for key in ("cancel_url", "status_url"))]
    assert [secret for secret in secrets if secret.rpartition("/runs/")[2] in recorded.text] == []


FIRST_INSTRUMENTED = """
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor

FastAPIInstrumentor().instrument()
from raincheck.web.apps import open_app

app = open_app()
app.build_middleware_stack()
print(type(app).__mro__, getattr(app, "_is_instrumented_by_opentelemetry", False))
"""


def test_an_app_made_after_instrumentation_is_not_instrumented():
    """A distribution of OpenTelemetry comes before the app is read, and puts a class of its own in place."""
    command = [sys.executable, "-c", FIRST_INSTRUMENTED]
    out = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, timeout=60).stdout
    assert "UntracedFastAPI" in out
    assert "_InstrumentedFastAPI" not in out
    assert out.rstrip().endswith("False")


def test_another_extension_is_left_alone_and_said(monkeypatch, caplog):
    """An app that starts and says so is worth more than one that doesn't start."""
    monkeypatch.delattr(web, "FastAPI")
    untrace_worker()
    assert not hasattr(web, "FastAPI")
    assert "may hold tokens" in caplog.text
