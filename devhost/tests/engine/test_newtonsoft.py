"""JSON as Newtonsoft writes and reads it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raincheck_devhost.durable.protocol.lenient_json import lenient_value, recompacted
from raincheck_devhost.durable.protocol.newtonsoft import compact, indented, reprinted

_TEXT = st.text(st.characters(exclude_categories=["Cs"]))
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(_TEXT, inner),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1.0"),
        (-1.5, "-1.5"),
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (100.0, "100.0"),
        (0.0001, "0.0001"),
        (0.00001, "1E-05"),
        (1e14, "100000000000000.0"),
        (1e15, "1E+15"),
        (1e20, "1E+20"),
        (2.5e-7, "2.5E-07"),
        (123456789012345.0, "123456789012345.0"),
        (1.2345678901234568e17, "1.2345678901234568E+17"),
        (1e300, "1E+300"),
        (float("inf"), '"Infinity"'),
        (float("nan"), '"NaN"'),
        (12345678901234567890, "12345678901234567890"),
    ],
)
def test_numbers(value, text):
    """Numbers look as .NET prints them."""
    assert compact(value) == text


@given(_JSON)
def test_round_trip(value):
    """Whatever is written, compact or indented, reads back as it was."""
    assert (json.loads(compact(value)), json.loads(indented(value))) == (value, value)


@given(_JSON)
def test_reprinted_is_compact(value):
    """The fast way writes the same as the thorough one."""
    assert reprinted(json.dumps(value)) == compact(value)


def test_what_is_escaped():
    """Line separators are escaped, other non-ASCII isn't; half a surrogate pair is replaced."""
    assert reprinted('"é\\u2028\\u0085\\ud83d"') == '"é\\u2028\\u0085\ufffd"'


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{'single': 1}", {"single": 1}),
        ("{name: 'it\\'s'}", {"name": "it's"}),
        ('{"a": [NaN, -Infinity]}', '{"a":["NaN","-Infinity"]}'),
        ("['a', \"b\"]", ["a", "b"]),
    ],
)
def test_lenient(text, value):
    """Single quotes, bare names and JavaScript's numbers are read."""
    if isinstance(value, str):
        assert recompacted(text) == value
    else:
        assert lenient_value(text) == value


@pytest.mark.parametrize("text", ["", "{bad", "{not json", "[1,,2]", "{'a'}", "undefined", "{'a': b}"])
def test_not_json(text):
    """What Newtonsoft refuses is refused."""
    with pytest.raises(ValueError, match=r".+"):
        lenient_value(text)
