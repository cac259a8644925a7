"""Times as we tell them, and texts that callers bring back."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from raincheck import opaque
from raincheck.timestamps import rfc3339


def test_a_time_is_told_in_utc_with_milliseconds():
    """Logs, events and callbacks have one format; whole seconds have their zeros too."""
    noon = datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert rfc3339(noon) == "2026-11-21T12:00:00.000Z"
    assert rfc3339(noon.astimezone(timezone(timedelta(hours=9)))) == "2026-11-21T12:00:00.000Z"


@pytest.mark.parametrize("value", [[1, 0, 2**62], {"a": None, "ü": "😀"}, "", 0])
def test_an_opaque_text_comes_back_and_needs_no_escaping(value):
    """It stands in URLs and headers."""
    text = opaque.encode(value)
    assert opaque.decode(text) == value
    assert text.isascii()
    assert text.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize("text", ["", "ü", "W", "eyJ", "!!!!", "Ww" * 5_000])
def test_what_is_no_opaque_text_is_a_value_error(text):
    """It may be anybody's."""
    with pytest.raises(ValueError, match="not an opaque text"):
        opaque.decode(text)
