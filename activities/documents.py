"""Digests one document: the telling sentences, the keywords, the length."""

import math
import re
from collections import Counter

from pydantic import BaseModel, ConfigDict, Field

from raincheck import step

_STOP = (
    "a about above after again all also am an and any are as at be because been before being below"
    " between both but by can cannot could did do does doing down during each few for from further had"
    " has have having he her here hers him his how i if in into is it its itself just me more most must"
    " my no nor not of off on once one only or other our out over own same she should so some such than"
    " that the their them then there these they this those through to too two under until up use used"
    " very was we were what when where which while who why will with would you your"
)
STOP_WORDS = frozenset(_STOP.split())
KEYWORDS = 8


class Document(BaseModel):
    """A named text."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=500)
    text: str


class Task(BaseModel):
    """One document's share of the work."""

    document: Document
    sentences: int


class Digest(BaseModel):
    """A document in short: sentences of it in its own order, keywords by weight, its length in words."""

    name: str
    summary: list[str]
    keywords: list[str]
    words: int


def words_of(text: str) -> list[str]:
    """Split a text into its words, lower case."""
    return re.findall(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*", text.lower())


def sentences_of(text: str) -> list[str]:
    """Split a text into sentences, as they stand: at end marks before a space, and at blank lines."""
    pieces = re.split(r"(?<=[.!?…])\s+|\n\s*\n", text)
    return [sentence for piece in pieces if (sentence := piece.strip())]


def weights_of(words: list[str]) -> Counter[str]:
    """Count the words that tell something."""
    return Counter(word for word in words if len(word) > 2 and word not in STOP_WORDS)  # noqa: PLR2004 - short ones don't


def keywords_of(weights: Counter[str]) -> list[str]:
    """Return the heaviest words, equals in the order of the alphabet."""
    return sorted(weights, key=lambda word: (-weights[word], word))[:KEYWORDS]


@step
def digest(task: Task) -> Digest:
    """Digest one document: a sentence weighs as much as its words do, long ones not for their length."""
    weights = weights_of(words_of(task.document.text))
    sentences = sentences_of(task.document.text)

    def weight(number: int) -> float:
        own = words_of(sentences[number])
        return sum(weights[word] for word in own) / math.sqrt(len(own) + 1)

    best = sorted(range(len(sentences)), key=lambda n: (-weight(n), n))[: task.sentences]
    return Digest(
        name=task.document.name,
        summary=[sentences[number] for number in sorted(best)],
        keywords=keywords_of(weights),
        words=len(task.document.text.split()),
    )
