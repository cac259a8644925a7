"""Digests one document: the telling sentences, the keywords, the length."""

import math

from pydantic import BaseModel, ConfigDict, Field
from raincheck import step

from activities.words import keywords_of, sentences_of, weights_of, words_of


class Document(BaseModel):
    """A named text."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=500)
    text: str


class Task(BaseModel):
    """One document's share of the work. A step takes one input: several values go into a model."""

    document: Document
    sentences: int


class Digest(BaseModel):
    """A document in short: sentences of it in its own order, keywords by weight, its length in words."""

    name: str
    summary: list[str]
    keywords: list[str]
    words: int


@step
def digest(task: Task) -> Digest:
    """Digest one document: a sentence weighs as much as its words do, long ones not for their length.

    A plain function: it only computes, so it runs in a thread and needs no `async`.
    """
    weights = weights_of(words_of(task.document.text))
    sentences = sentences_of(task.document.text)

    def weight(number: int) -> float:
        own = words_of(sentences[number])
        return sum(weights[word] for word in own) / math.sqrt(len(own) + 1)

    best = sorted(range(len(sentences)), key=lambda number: (-weight(number), number))[: task.sentences]
    return Digest(
        name=task.document.name,
        summary=[sentences[number] for number in sorted(best)],
        keywords=keywords_of(weights),
        words=len(task.document.text.split()),
    )
