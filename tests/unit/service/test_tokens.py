"""Tokens: nobody makes one, changes one, uses one for something else, or for ever."""

import string
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raincheck.errors import RequestError
from raincheck.events import START, Position
from raincheck.service.tokens import MAX_LENGTH, Tokens, masked

NOW = datetime(2026, 11, 21, 15, 0, 0, 500_000, tzinfo=UTC)
RUN = "20261121-" + "0123456789abcdef" * 2
ALPHABET = string.ascii_letters + string.digits + "-_"
NEW, OLD = "n" * 32, "o" * 32


def tokens(*keys, hours=1.0, now=NOW):
    return Tokens(keys or (NEW,), lifetime=timedelta(hours=hours), clock=lambda: now)


def refusal(of, token, scope="read"):
    with pytest.raises(RequestError) as caught:
        of.read(token, scope)
    return caught.value.status, caught.value.code, caught.value.detail


NOT_FOUND = refusal(tokens(), "x")
GOOD = tokens().issue(RUN, "read", Position(12, 3, 4567))


def test_the_form_of_a_token_is_fixed():
    """A token of today must open its run after the next deployment."""
    assert GOOD == (
        "WzEsIjIwMjYxMTIxLTAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVmIiwxNzk1Mjc2ODAxLDEyLDMsNDU2N10"
        ".geUMuK1itYo_OapNjOOQMLiSWIDSdWFr8gJau5ayYp4"
    )


@given(st.builds(Position, *[st.integers(0, 2**62)] * 3))
def test_what_is_issued_is_read(position):
    """Run and position come back whole, in characters that need no escape in a URL."""
    token = tokens().issue(RUN, "read", position)
    assert (tokens().read(token, "read").run_id, tokens().read(token, "read").position) == (RUN, position)
    assert set(token) <= {*ALPHABET, "."}
    assert len(token) <= MAX_LENGTH


@given(st.integers(0, len(GOOD) - 1), st.sampled_from([*ALPHABET, ".", "=", "~", "%", "é", "\n", "\0"]))
def test_a_changed_character_is_refused(index, character):
    """Base64's spare bits too: one token has one spelling."""
    changed = GOOD[:index] + character + GOOD[index + 1 :]
    if changed != GOOD:
        assert refusal(tokens(), changed) == NOT_FOUND


def test_no_other_spelling_of_the_signature_is_taken():
    """The last character of the signature has two spare bits."""
    spellings = [GOOD[:-1] + character for character in ALPHABET]
    taken = [token for token in spellings if token == GOOD or refusal(tokens(), token) != NOT_FOUND]
    assert taken == [GOOD]


@given(st.integers(0, len(GOOD)), st.text(alphabet=[*ALPHABET, ".", "=", "\n", " "], min_size=1, max_size=5))
def test_an_inserted_text_is_refused(index, text):
    """Decoders skip what they don't know; we don't."""
    assert refusal(tokens(), GOOD[:index] + text + GOOD[index:]) == NOT_FOUND


@given(st.integers(0, len(GOOD) - 1), st.integers(1, len(GOOD)))
def test_a_missing_piece_is_refused(index, length):
    """Truncated at the end, at the beginning, or in the middle."""
    assert refusal(tokens(), GOOD[:index] + GOOD[index + length :]) == NOT_FOUND


@given(st.text(max_size=600))
def test_any_other_text_is_refused_in_the_same_way(text):
    """Nobody learns which runs there are."""
    assert refusal(tokens(), text) == NOT_FOUND


@pytest.mark.parametrize("scope", ["cancel", "answer"])
def test_a_token_is_good_for_its_scope_only(scope):
    """Whoever may read may not cancel."""
    assert refusal(tokens(), GOOD, scope) == NOT_FOUND
    assert tokens().read(tokens().issue(RUN, scope), scope).position == START


def test_keys_rotate():
    """The new key signs, tokens of the old one stay good, and end when the key goes."""
    old = tokens(OLD).issue(RUN, "read")
    both = tokens(NEW, OLD)
    assert both.read(old, "read").run_id == RUN
    assert tokens(NEW).read(both.issue(RUN, "read"), "read").run_id == RUN
    assert refusal(tokens(NEW), old) == NOT_FOUND


def test_an_expired_token_is_410():
    """Its signature is good: the holder had it once."""
    later = tokens(now=NOW + timedelta(hours=1, seconds=1))
    assert refusal(later, GOOD)[:2] == (410, "token_expired")


def test_a_token_is_good_for_its_whole_life():
    """Rounded up to a second, never down."""
    just_before = tokens(now=NOW + timedelta(hours=1, microseconds=-1))
    assert just_before.read(GOOD, "read").run_id == RUN


def test_a_forged_token_that_expired_is_404():
    """The signature is looked at first."""
    assert refusal(tokens(OLD, now=NOW + timedelta(days=9)), GOOD) == NOT_FOUND


def test_a_long_text_is_refused_before_any_work():
    """Not even a regular expression runs over a megabyte."""
    assert refusal(tokens(), "a" * 10_000_000) == NOT_FOUND


@pytest.mark.parametrize("run_id", ["x", "../etc", f"{RUN}:1:2"])
def test_only_ids_of_runs_are_read(run_id):
    """What a later or earlier version signed differently is not guessed at."""
    token = tokens().issue(run_id, "read")
    if run_id.startswith(RUN):
        assert tokens().read(token, "read").run_id == run_id
    else:
        assert refusal(tokens(), token) == NOT_FOUND


@pytest.mark.parametrize(
    "text", ["GET /api/runs/{} 200", "/API/RUNS/{}/events?x", '"/runs/{}"', "see http://h/api/runs/{}."]
)
def test_logs_show_tokens_cut_off(text):
    """What is left shows which run it is and opens nothing."""
    cut = masked(text.format(GOOD))
    assert GOOD not in cut
    assert GOOD.partition(".")[2] not in cut
    assert GOOD[:24] in cut
