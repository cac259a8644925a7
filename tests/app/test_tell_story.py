"""Telling a story: a flow that is one step, and streams."""

import pytest
from pydantic import ValidationError
from raincheck.testing import play

from activities.stories import Story, made_up_pieces
from orchestrators.tell_story import tell_story


@pytest.fixture(autouse=True)
def no_model(monkeypatch):
    """A developer's own settings must not make these tests call a model."""
    monkeypatch.delenv("RAINCHECK_MODEL_URL", raising=False)


def story(topic="rain", pieces=12):
    return Story(topic=topic, pieces=pieces, delay_ms=0)


def test_what_is_streamed_is_the_story():
    """All pieces, one after another, without a lost or doubled word."""
    played = play(tell_story, story())

    assert len(played.texts) == 12
    assert "".join(played.texts) == played.result.text
    assert played.steps == ["tell_story"]


def test_the_same_topic_is_the_same_story():
    """So that a stream that was cut off can be compared."""
    assert play(tell_story, story()).result == play(tell_story, story()).result


def test_another_topic_is_another_story():
    """It is about something."""
    told = play(tell_story, story("sunshine")).result.text

    assert "sunshine" in told
    assert told != play(tell_story, story()).result.text


def test_a_longer_story_begins_the_same():
    """More pieces go on where fewer end."""
    assert play(tell_story, story(pieces=20)).result.text.startswith(play(tell_story, story()).result.text)


@pytest.mark.parametrize("topic", ["ü", "雨", "\U0001f327", "a\nb", "<b>&amp;", "{topic}", "x" * 500])
def test_any_topic_may_be_told_of(topic):
    """Text is text."""
    assert topic in play(tell_story, story(topic)).result.text


async def test_pieces_come_as_they_are_told():
    """Not all at the end."""
    pieces = made_up_pieces(story(pieces=1_000_000))

    assert await anext(pieces)
    await pieces.aclose()


@pytest.mark.parametrize(
    "wrong", [{"topic": ""}, {"pieces": 0}, {"pieces": 1_000_001}, {"delay_ms": -1}, {"topic": "x" * 501}]
)
def test_nonsense_is_refused_before_a_run_starts(wrong):
    """The model is the contract."""
    with pytest.raises(ValidationError):
        Story.model_validate({"topic": "rain", **wrong})
