"""The last line of a log."""

import pytest

from raincheck.outcomes import RESULT_LIMIT, Outcome, fields_of, terminal_event


@pytest.mark.parametrize(
    ("outcome", "kind", "fields"),
    [
        (Outcome.succeeded({"a": 1}), "run.succeeded", {"result": {"a": 1}}),
        (Outcome.succeeded(None), "run.succeeded", {"result": None}),
        (Outcome.failed("c", "m"), "run.failed", {"error": {"code": "c", "message": "m"}}),
        (Outcome.canceled(), "run.canceled", {}),
    ],
)
def test_the_terminal_event_has_the_fields_of_the_contract(outcome, kind, fields):
    """`result` or `error`, or nothing."""
    event = terminal_event(outcome)
    assert (event.type, event.fields) == (kind, fields)


def test_a_large_result_stays_out_of_the_log():
    """A line of a log has its limits; the status has the result."""
    outcome = Outcome.succeeded("x" * RESULT_LIMIT)
    assert terminal_event(outcome).fields == {"result_omitted": True}
    assert fields_of(outcome) == {"result": "x" * RESULT_LIMIT}
