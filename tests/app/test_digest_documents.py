"""Digesting documents: the telling sentences, the keywords, the length."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from raincheck.testing import play

from activities.documents import Document, Task, digest
from activities.words import sentences_of
from orchestrators.digest_documents import Documents, digest_documents

RAIN = (
    "Rain fell on the town. Nobody had expected rain. The mayor slept. "
    "Rain filled the river, and the river filled the town with rain!\n\n"
    "Is it over? The town counts its umbrellas."
)
TEXTS = st.text(max_size=300)


def digests(*texts: str, sentences: int = 3):
    documents = [Document(name=f"{n}.txt", text=text) for n, text in enumerate(texts)]
    return play(digest_documents, Documents(documents=documents, sentences=sentences))


def one(text: str, sentences: int = 3):
    return digests(text, sentences=sentences).result.documents[0]


def test_each_document_is_a_step_of_its_own():
    """So that each is retried by itself, and all run side by side."""
    assert digests(RAIN, "Sun.", "Snow.").steps == ["digest"] * 3


def test_digests_come_in_the_order_of_the_documents():
    """Whichever was done first."""
    names = [digest.name for digest in digests("a", "b", "c").result.documents]

    assert names == ["0.txt", "1.txt", "2.txt"]


def test_no_documents_are_no_steps():
    """An empty list is a fine input."""
    played = digests()

    assert played.result.documents == []
    assert played.result.keywords == []
    assert played.steps == []


def test_the_telling_sentences_are_kept_in_their_own_order():
    """A summary reads as the document does."""
    summary = one(RAIN, sentences=2).summary

    assert summary == [
        "Rain fell on the town.",
        "Rain filled the river, and the river filled the town with rain!",
    ]


def test_keywords_are_what_it_is_about():
    """The heaviest first, and no stop words."""
    keywords = one(RAIN).keywords

    assert keywords[:2] == ["rain", "town"]
    assert not {"the", "and", "its", "had"} & set(keywords)


def test_words_are_counted():
    """As a person would count them."""
    assert one("One two,  three.\nFour").words == 4


def test_the_same_input_gives_the_same_digest():
    """Nothing depends on the order of a set or a clock."""
    assert digests(RAIN, RAIN).result == digests(RAIN, RAIN).result


def test_equal_words_come_in_the_order_of_the_alphabet():
    """Ties are decided, not left to chance."""
    assert one("zebra apple mango").keywords == ["apple", "mango", "zebra"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Der Fluß führt Wasser. Fluß!", "fluß"),
        ("Кошка спит. Кошка ест.", "кошка"),
        ("雨が降る。 雨が降る。", "雨が降る"),
        ("naïve naïve café", "naïve"),
        ("don't don't stop", "don't"),
    ],
)
def test_words_of_any_language_count(text, word):
    """Letters are letters."""
    assert one(text).keywords[0] == word


def test_an_empty_document_has_an_empty_digest():
    """A file without text is no failure."""
    digest = one("")

    assert (digest.summary, digest.keywords, digest.words) == ([], [], 0)


def test_keywords_of_all_weigh_by_rank():
    """What leads in many documents leads in all."""
    played = digests("rain rain rain sun", "rain rain snow", "sun sun sun")

    assert played.result.keywords[0] == "rain"


def test_progress_is_shown():
    """Somebody who polls sees how far it is; the last word is 100 percent."""
    played = digests("a", "b", "c")

    assert played.progress.percent == 100
    assert played.progress.message == "3 of 3 documents"


@settings(max_examples=50)
@given(TEXTS, st.integers(1, 50))
def test_any_text_can_be_digested(text, sentences):
    """Control characters, emoji, right-to-left, no spaces at all."""
    task = Task(document=Document(name="x", text=text), sentences=sentences)
    made = digest.function(task)
    found = sentences_of(text)

    places = [found.index(sentence) for sentence in made.summary]

    assert len(made.summary) == min(sentences, len(found))
    assert all(sentence in text for sentence in made.summary)
    assert places == sorted(places) or len(set(found)) < len(found)
