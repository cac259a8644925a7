"""`tell_story` with a model endpoint: the real `openai` package against a real HTTP server of our own."""

import asyncio
import sys

import pytest

from activities.stories import Story
from orchestrators.tell_story import tell_story
from raincheck.payloads import StepCall
from raincheck.service.step_attempt import StepAttempts
from raincheck.testing import aplay
from tests.e2e.fake_model import FakeModel
from tests.unit.service.attempts import Markers, MemoryLog

STORY = Story(topic="rain", pieces=5, delay_ms=0)


@pytest.fixture
def model(monkeypatch):
    with FakeModel() as model:
        monkeypatch.setenv("RAINCHECK_MODEL_URL", model.url)
        monkeypatch.setenv("RAINCHECK_MODEL_KEY", "secret-key")
        monkeypatch.setenv("RAINCHECK_MODEL_NAME", "storyteller")
        yield model


async def test_the_models_words_are_streamed(model):
    """Piece by piece as they come, and together they are the result."""
    played = await aplay(tell_story, STORY)

    assert played.texts == ["Once ", "upon ", "a ", "time."]
    assert played.result.text == "Once upon a time."


async def test_key_model_and_topic_are_sent(model):
    """As the settings say."""
    await aplay(tell_story, STORY)
    headers, body = model.requests[0]

    assert headers["Authorization"] == "Bearer secret-key"
    assert body["model"] == "storyteller"
    assert "rain" in body["messages"][0]["content"]
    assert body["stream"] is True


async def test_an_endpoint_without_a_key_is_fine(model, monkeypatch):
    """Models on one's own machine need none."""
    monkeypatch.setenv("RAINCHECK_MODEL_KEY", "")

    assert (await aplay(tell_story, STORY)).result.text == "Once upon a time."


async def test_chunks_without_text_are_passed_over(model):
    """Role, content filter and finish chunks hold none."""
    model.deltas = ["", None, "Once.", None]

    assert (await aplay(tell_story, STORY)).texts == ["Once."]


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_busy_model_is_asked_again(model, status):
    """By the step's own retry, which waits by durable timer."""
    model.statuses = [(status, {"Retry-After": "7"})]
    played = await aplay(tell_story, STORY)

    assert played.steps == ["tell_story"] * 2
    assert len(model.requests) == 2
    assert played.result.text == "Once upon a time."


@pytest.mark.parametrize("status", [400, 401, 404])
async def test_a_refusal_ends_the_run_without_the_key(model, status):
    """A wrong key doesn't become right by asking again, and must not be shown."""
    model.statuses = [(status, {})] * 3
    played = await aplay(tell_story, STORY)

    assert len(model.requests) == 1
    assert played.outcome.error.code == "step_failed"
    assert "secret" not in played.outcome.error.message


async def test_a_stream_that_is_cut_is_told_again(model):
    """Half a story is no result."""
    model.cut_after = 2
    played = await aplay(tell_story, STORY)

    assert played.steps == ["tell_story"] * 2
    assert played.result.text == "Once upon a time."


async def test_a_model_that_is_away_is_tried_again(model, monkeypatch):
    """Nobody listens there."""
    monkeypatch.setenv("RAINCHECK_MODEL_URL", "http://127.0.0.1:9/v1")
    played = await aplay(tell_story, STORY)

    assert played.steps == ["tell_story"] * 3
    assert played.outcome.error.code == "retries_exhausted"


async def test_a_stopped_story_hangs_up(model):
    """Tokens cost money: a cancelled run must not go on being told."""
    model.endless = True
    call = StepCall(
        run_id="r", root_flow="tell_story", step=7, key="k", attempt=1, last=True,
        input_json=STORY.model_dump_json(),
    )  # fmt: skip
    attempts = StepAttempts(events=MemoryLog(), markers=Markers(3), look_every=0.05)
    report = await attempts.attempt(tell_story.step, call)

    assert report.kind == "stopped"
    assert await asyncio.to_thread(model.hung_up.wait, 10)


async def test_without_the_package_the_reason_is_told(model, monkeypatch):
    """It is an optional extra."""
    monkeypatch.setitem(sys.modules, "openai", None)
    played = await aplay(tell_story, STORY)

    assert "'openai' is not installed" in played.outcome.error.message


async def test_an_endpoint_without_a_model_is_told(model, monkeypatch):
    """Nothing reads the example's settings before the story is told; no model is guessed."""
    monkeypatch.setenv("RAINCHECK_MODEL_NAME", "")
    played = await aplay(tell_story, STORY)

    assert "RAINCHECK_MODEL_NAME is not" in played.outcome.error.message
    assert (played.steps, model.requests) == (["tell_story"], [])
