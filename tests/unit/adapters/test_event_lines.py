"""Lines of event logs: fixed vectors of the format, since logs outlive releases."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raincheck.adapters.event_log.lines import MAX_LINE, decode, encode, fit, heads, line, pieces
from raincheck.events import Event, Position

TIME = datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=UTC)
AFTER = Position(8, 0, 100)


def test_the_line_of_a_steps_event():
    """Field by field and in this order: heads are read without parsing the line."""
    core = encode("output.text.delta", {"text": "ü\n"}, TIME, step="tell_story")
    assert (
        line(7, core, "0a1b2c3d4e5f", 3)
        == (
            '{"sequence_number":7,"type":"output.text.delta","time":"2026-11-21T12:00:00.123Z","text":"ü\\n",'
            '"step":"tell_story","writer":"0a1b2c3d4e5f","batch":3}\n'
        ).encode()
    )


def test_the_line_that_leads_to_the_next_blob():
    """It has no number of its own: the next event has it."""
    assert line(7, encode("log.continued", {}, TIME), "w", 3, key="next_sequence_number") == (
        b'{"next_sequence_number":7,"type":"log.continued","time":"2026-11-21T12:00:00.123Z",'
        b'"writer":"w","batch":3}\n'
    )


def test_times_are_utc_whatever_the_clock_says():
    """Readers compare them as text."""
    moved = TIME.astimezone(timezone(timedelta(hours=9)))
    assert encode("run.started", {}, moved) == encode("run.started", {}, TIME)


def test_what_readers_are_given_is_the_events_own():
    """Writer, batch and step key are for writers."""
    core = encode("step.started", {}, TIME, step="tell", step_key="#1") + b',"attempt":2'
    event = decode(line(7, core, "w", 3), AFTER)
    assert (event.sequence_number, event.type, event.next) == (7, "step.started", AFTER)
    assert event.fields == {"time": "2026-11-21T12:00:00.123Z", "step": "tell", "attempt": 2}


def test_half_a_line_has_no_head():
    """A read may end anywhere, and only whole lines count."""
    whole = line(7, encode("run.started", {"flow": "f"}, TIME), "w", 3)
    assert list(heads(whole[:-1])) == []
    assert [(head.number, head.stop) for head in heads(whole + whole[:20])] == [(7, len(whole))]


def test_a_result_that_does_not_fit_is_left_out_and_said_to_be():
    """A log has to close whatever its run gave."""
    says = json.loads(b"{%b}" % fit(Event("run.succeeded", {"result": "x" * MAX_LINE}), TIME))
    assert (says["result"], says["result_omitted"]) == (None, True)


def test_a_result_that_fits_is_there():
    """And nothing says that it was left out."""
    says = json.loads(b"{%b}" % fit(Event("run.succeeded", {"result": 1}), TIME))
    assert says.keys() == {"type", "time", "result"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(data=JSON)
def test_any_json_comes_back_as_it_was(data):
    """Line feeds, quotes, control characters and surrogates included."""
    raw = line(7, encode("output.data", {"data": data}, TIME), "w", 3)
    assert raw.count(b"\n") == 1
    assert [(head.number, head.type) for head in heads(raw)] == [(7, "output.data")]
    assert decode(raw, AFTER).fields["data"] == data


@given(text=st.text(max_size=50), repeated=st.integers(0, 4000))
def test_pieces_of_a_text_join_to_the_text_and_each_fits(text, repeated):
    """Even characters that take six bytes each."""
    whole = text * repeated + "\x00" * 40_000
    split = list(pieces(Event("output.text.delta", {"text": whole, "index": 1})))
    assert "".join(event.fields["text"] for event in split) == whole
    assert all(event.fields["index"] == 1 for event in split)
    assert all(len(encode(event.type, event.fields, TIME)) <= MAX_LINE for event in split)


@pytest.mark.parametrize("name", ["sequence_number", "type", "time", "writer", "batch", "step_key"])
def test_an_event_can_not_say_what_is_ours_to_say(name):
    """A field of that name is dropped: two of one name would be read either way."""
    raw = line(7, encode("output.data", {name: "forged", "data": 1}, TIME), "w", 3)
    assert b"forged" not in raw
