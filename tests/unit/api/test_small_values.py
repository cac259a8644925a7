"""Outcomes, run ids, positions, shapes: small values that stand on the wire or in storage."""

import base64
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from raincheck.events import START, Position, StoredEvent
from raincheck.outcomes import TERMINAL_EVENTS, Outcome, RunStatus
from raincheck.run_ids import day_of, is_run_id, new_run_id, root_of
from raincheck.shape import Shape

NUMBERS = st.integers(min_value=0, max_value=2**63 - 1)
NOW = datetime(2026, 11, 21, 23, 59, tzinfo=UTC)


@given(NUMBERS, NUMBERS, NUMBERS)
def test_a_position_reads_what_it_wrote(sequence, blob, offset):
    """A client resumes exactly where it stopped."""
    position = Position(sequence, blob, offset)

    assert Position.decode(position.encode()) == position


def test_a_position_is_what_it_always_was():
    """Clients keep it over deployments: a fixed vector."""
    assert Position(7, 1, 4096).encode() == "WzcsMSw0MDk2XQ"
    assert Position.decode("WzcsMSw0MDk2XQ") == Position(7, 1, 4096)


@given(st.text())
def test_any_text_is_a_position_or_refused(text):
    """`Last-Event-ID` comes from anybody."""
    try:
        position = Position.decode(text)
    except ValueError:
        return
    assert 0 <= position.sequence < 2**63


@given(st.binary(max_size=40))
def test_any_bytes_are_a_position_or_refused(raw):
    """As text, but so that it is base64."""
    try:
        Position.decode(base64.urlsafe_b64encode(raw).decode())
    except ValueError:
        return


@pytest.mark.parametrize(
    "raw",
    [b"[1,2]", b"[1,2,3,4]", b"[1,2,-1]", b"[1.5,0,0]", b"[true,0,0]", b"[9223372036854775808,0,0]", b"{}",
     b'["1",0,0]', b"null", b"[" * 5_000, b"[NaN,0,0]"],
)  # fmt: skip
def test_what_encode_would_never_write_is_refused(raw):
    """A number of the wrong kind would break the search for the event."""
    with pytest.raises(ValueError, match="not a position"):
        Position.decode(base64.urlsafe_b64encode(raw).decode().rstrip("="))


def test_a_plain_number_is_the_last_event_seen():
    """People write `Last-Event-ID: 4` by hand and mean: from 5 on."""
    assert Position.decode("4") == Position(sequence=5)
    assert START.sequence == 0


@pytest.mark.parametrize(("kind", "terminal"), [("run.succeeded", True), ("output.text.delta", False)])
def test_an_event_knows_whether_it_is_the_last(kind, terminal):
    """A reader stops there."""
    assert StoredEvent(1, kind, {}, START).terminal is terminal


def test_run_ids_carry_their_day():
    """The row is found without an index."""
    made = new_run_id(NOW)

    assert is_run_id(made)
    assert day_of(made) == "20261121"


def test_run_ids_are_not_guessed():
    """No two are alike, and 128 bits are random."""
    made = {new_run_id(NOW) for _ in range(100)}

    assert len(made) == 100
    assert all(len(each.partition("-")[2]) == 32 for each in made)


@given(st.lists(st.integers(min_value=1, max_value=999_999), max_size=5))
def test_ids_of_sub_flows_lead_to_their_root(numbers):
    """The log, the row and the conversation are those of the root."""
    root = new_run_id(NOW)
    made = ":".join([root, *map(str, numbers)])

    assert is_run_id(made)
    assert root_of(made) == root
    assert day_of(made) == day_of(root)


@pytest.mark.parametrize(
    "text",
    ["", "x", "20261121", "20261121-" + "g" * 32, "20261121-" + "a" * 31, "20261121-" + "A" * 32,
     "20261121-" + "a" * 32 + ":", "20261121-" + "a" * 32 + "\n", "20261121-" + "a" * 32 + "/x",
     "\u0662\u0660\u0662\u06661121-" + "a" * 32, "20261121-" + "a" * 32 + ":end"],
)  # fmt: skip
def test_what_is_no_run_id_is_told(text):
    """Ids become keys of rows and names of blobs."""
    assert not is_run_id(text)


@pytest.mark.parametrize(
    ("outcome", "event"),
    [
        (Outcome.succeeded(None), "run.succeeded"),
        (Outcome.failed("code", "text"), "run.failed"),
        (Outcome.canceled(), "run.canceled"),
    ],
)
def test_every_outcome_has_its_event(outcome, event):
    """What the log ends with and what a callback says are the same word."""
    assert outcome.event == event


def test_a_canceled_outcome_has_an_error_too():
    """Pollers that know only errors tell why."""
    assert Outcome.canceled().error.code == "canceled"


def test_no_outcome_is_still_running():
    """Only ends are outcomes."""
    with pytest.raises(ValidationError):
        Outcome(status=RunStatus.RUNNING)


def test_terminal_states_are_those_with_an_event():
    """One table, no second opinion."""
    assert {status for status in RunStatus if status.terminal} == set(TERMINAL_EVENTS)


class Order(BaseModel):
    """A model with a value that JSON doesn't know."""

    price: Decimal
    at: datetime


def test_a_shape_gives_json_and_takes_it_back():
    """Dates and decimals cross the boundary and come back as they were."""
    shape: Shape[Order] = Shape(Order)
    order = Order(price=Decimal("9.90"), at=NOW)

    assert shape.dump(order) == {"price": "9.90", "at": "2026-11-21T23:59:00Z"}
    assert shape.parse(shape.dump(order)) == order


@pytest.mark.parametrize("value", ["text", None, [1, "x"], object()])
def test_a_shape_refuses_what_is_not_of_the_type(value):
    """A wrong result is found where it was made."""
    with pytest.raises(ValidationError):
        Shape(list[int]).dump(value)


def test_a_shape_knows_both_sides():
    """What is taken may be wider than what is given."""
    shape = Shape(Order)

    assert shape.json_schema("validation") != shape.json_schema("serialization")
