"""The Prefer header (RFC 7240), as it comes from real clients and from bad ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raincheck.web.native.prefer import Preferences


@pytest.mark.parametrize(
    ("headers", "respond_async", "wait"),
    [
        ([], False, None),
        (["respond-async"], True, None),
        (["Respond-Async, WAIT=10"], True, 10),
        (["respond-async", "wait=10"], True, 10),
        (["  respond-async  ;  foo=bar ,  wait = 10 ; baz"], True, 10),
        (['wait="10"'], False, 10),
        (['foo="a, respond-async, \\" b", wait=3'], False, 3),
        (["wait=5, wait=9"], False, 5),
        (["wait=0"], False, 0),
        (["wait"], False, None),
        (["wait="], False, None),
        (["wait=-1"], False, None),
        (["wait=1.5"], False, None),
        (["wait=٣"], False, None),
        (["wait=9999999999"], False, None),
        (["respond-async=yes"], False, None),
        (["respond-async="], True, None),
        (['respond-async=""'], True, None),
        ([",,,respond-async,,"], True, None),
        (["=;=, respond-async"], True, None),
        (['foo="open, respond-async'], False, None),
        (["return=minimal; wait=5"], False, None),
        (["x" * 5000 + ", respond-async"], False, None),
    ],
)
def test_preferences(headers, respond_async, wait):
    """What is known counts, what is not is ignored."""
    assert Preferences.parse(headers) == Preferences(respond_async, wait)


@given(st.lists(st.text(max_size=50), max_size=5))
def test_no_header_is_an_error(headers):
    """RFC 7240: what can't be understood is ignored."""
    Preferences.parse(headers)


_TOKEN = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=10).filter(
    lambda name: name not in {"wait", "respond-async"}
)
_OTHERS = st.lists(_TOKEN | st.builds('{}="{}"'.format, _TOKEN, st.text("abc ,;=", max_size=8)), max_size=4)


@given(_OTHERS, _OTHERS, st.integers(0, 999))
def test_others_around_ours_change_nothing(before, after, wait):
    """Commas in quoted strings separate nothing."""
    header = ", ".join([*before, f"wait={wait}", "respond-async", *after])
    assert Preferences.parse([header]) == Preferences(respond_async=True, wait=wait)
