"""Words and sentences of a text, and what it is about. Plain functions: steps and flows may both call them."""

import re
from collections import Counter

KEYWORDS = 8
SHORTEST = 3  # letters of a word that tells something

_STOP = (
    "a about above after again all also am an and any are as at be because been before being below"
    " between both but by can cannot could did do does doing down during each few for from further had"
    " has have having he her here hers him his how i if in into is it its itself just me more most must"
    " my no nor not of off on once one only or other our out over own same she should so some such than"
    " that the their them then there these they this those through to too two under until up use used"
    " very was we were what when where which while who why will with would you your"
)
STOP_WORDS = frozenset(_STOP.split())


def words_of(text: str) -> list[str]:
    """Split a text into its words, lower case."""
    return re.findall(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*", text.lower())


def sentences_of(text: str) -> list[str]:
    """Split a text into sentences, as they stand: at end marks before a space, and at blank lines."""
    pieces = re.split(r"(?<=[.!?…])\s+|\n\s*\n", text)
    return [sentence for piece in pieces if (sentence := piece.strip())]


def weights_of(words: list[str]) -> Counter[str]:
    """Count the words that tell something."""
    return Counter(word for word in words if len(word) >= SHORTEST and word not in STOP_WORDS)


def keywords_of(weights: Counter[str]) -> list[str]:
    """Return the heaviest words, equals in the order of the alphabet."""
    return sorted(weights, key=lambda word: (-weights[word], word))[:KEYWORDS]
