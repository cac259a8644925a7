"""Tells a story piece by piece, and streams what it writes.

A model tells it where one is set up: RAINCHECK_MODEL_URL, _KEY and _NAME name an OpenAI-compatible endpoint.
Otherwise it is made up: the same topic always gives the same story.
"""

import asyncio
import os
import random
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field
from raincheck import PermanentError, Work, step

OPENINGS = ("Once,", "Long ago,", "One rainy evening,", "In a quiet town,", "Far out at sea,")
HEROES = ("a clerk", "an engineer", "a small robot", "the night porter", "a patient agent", "an old cat")
DEEDS = ("looked for", "waited for", "wrote about", "dreamt of", "argued over", "built a shelter for")
TURNS = ("until the clouds parted.", "and nobody noticed.", "while the kettle sang.", "for days on end.")


class Story(BaseModel):
    """What to tell, in how many pieces, and how long to pause between two."""

    model_config = ConfigDict(extra="forbid")

    topic: str = Field(min_length=1, max_length=500)
    pieces: int = Field(default=40, ge=1, le=1_000_000)
    delay_ms: int = Field(default=50, ge=0, le=10_000)


class Told(BaseModel):
    """The whole story: all pieces, one after another."""

    text: str


@step(time_limit=timedelta(minutes=25))
async def tell_story(story: Story, work: Work) -> Told:
    """Tell a story about a topic, streaming it as it is written."""
    pieces = model_pieces(story) if os.environ.get("RAINCHECK_MODEL_URL") else made_up_pieces(story)
    text = []
    async with aclosing(pieces):  # a step that is stopped hangs up on the model at once
        async for piece in pieces:
            await work.text(piece)
            text.append(piece)
    return Told(text="".join(text))


async def made_up_pieces(story: Story) -> AsyncGenerator[str]:
    """Return the pieces of a story made of the topic alone: the same input, the same story."""
    choose = random.Random(story.topic).choice
    for number in range(story.pieces):
        match number % 4:
            case 0:
                piece = f"{choose(OPENINGS)} "
            case 1:
                piece = f"{choose(HEROES)} "
            case 2:
                piece = f"{choose(DEEDS)} {story.topic} "
            case _:
                piece = f"{choose(TURNS)}\n"
        yield piece
        if story.delay_ms and number + 1 < story.pieces:
            await asyncio.sleep(story.delay_ms / 1000)


async def model_pieces(story: Story) -> AsyncGenerator[str]:
    """Return what an OpenAI-compatible endpoint streams."""
    try:
        from openai import AsyncOpenAI  # needed by those who have a model only
    except ImportError as error:
        raise PermanentError(
            "RAINCHECK_MODEL_URL is set, but the package 'openai' is not installed."
        ) from error
    model = os.environ.get("RAINCHECK_MODEL_NAME")
    if not model:
        raise PermanentError(
            "RAINCHECK_MODEL_URL is set, but RAINCHECK_MODEL_NAME is not. Example: gpt-5-mini"
        )
    async with AsyncOpenAI(
        base_url=os.environ["RAINCHECK_MODEL_URL"],
        api_key=os.environ.get("RAINCHECK_MODEL_KEY") or "none",
        max_retries=0,  # the step is tried again, by durable timer
    ) as client:
        stream = await client.chat.completions.create(
            model=model,
            messages=[{"role": "user", "content": f"Tell a short story about {story.topic}."}],
            max_tokens=story.pieces * 8,
            stream=True,
        )
        async for chunk in stream:
            if chunk.choices and (delta := chunk.choices[0].delta.content):
                yield delta
