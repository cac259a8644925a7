"""The seam for telemetry: who listens is told of each span, and costs nobody else anything."""

from contextlib import contextmanager

import pytest

from raincheck.errors import NothingStarted, StorageUnavailable
from raincheck.service.instrumentation import Instrumentation, listen, span
from tests.unit.service.attempts import attempt
from tests.unit.web.fakes import World


class Recorder(Instrumentation):
    """Keeps what it is told."""

    def __init__(self):
        self.spans = []

    @contextmanager
    def span(self, name, **attributes):
        try:
            yield
        except Exception as error:
            self.spans.append((name, attributes, type(error)))
            raise
        self.spans.append((name, attributes, None))


@pytest.fixture
def recorder():
    recorder = Recorder()
    before = listen(recorder)
    yield recorder
    listen(before)


def test_nobody_needs_to_listen():
    """A span without a listener is a block like any other."""
    with span("start", flow="greet"):
        pass


async def test_a_start_is_a_span(recorder):
    """It says which flow, and nothing of what callers sent."""
    await World().start()
    assert recorder.spans == [("start", {"flow": "greet"}, None)]


async def test_a_span_sees_what_went_wrong(recorder):
    """As tracers mark it."""
    world = World()
    world.orchestrations.start_failure = NothingStarted("away")
    assert (await world.start()).status_code == 503
    [(_, _, error)] = recorder.spans
    assert issubclass(error, StorageUnavailable)


async def test_an_attempt_is_a_span(recorder):
    """With its run, step and number."""

    async def work(value: int) -> int:
        return value

    await attempt(work)
    assert recorder.spans == [("attempt", {"run_id": "r", "step": "work", "attempt": 2}, None)]
