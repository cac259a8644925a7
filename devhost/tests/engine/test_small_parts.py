"""Timestamps, the sanitizer, settings: the small parts of the durable engine."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raincheck_devhost.durable.protocol.sanitizer import sanitized
from raincheck_devhost.durable.protocol.timestamps import parsed, whole_seconds, with_offset, written
from raincheck_devhost.durable.settings import DurableSettings, time_span_seconds

_MOMENT = datetime(2026, 11, 21, 12, 56, 26, 325300, tzinfo=UTC)


def test_a_timestamp_drops_trailing_zeros():
    """As .NET writes it."""
    assert written(_MOMENT) == "2026-11-21T12:56:26.3253Z"


def test_a_whole_second_has_no_fraction():
    """As .NET writes it."""
    assert written(_MOMENT.replace(microsecond=0)) == "2026-11-21T12:56:26Z"


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001 - hypothesis wants it so
def test_timestamps_round_trip(moment):
    """Every time reads back as it was."""
    assert parsed(written(moment)) == moment


def test_seven_decimals_are_read():
    """.NET has ticks; Python cuts them to microseconds."""
    assert parsed("2026-11-21T12:56:26.3253291Z") == _MOMENT + timedelta(microseconds=29)


def test_forms_of_the_management_api():
    """Whole seconds in the document, an offset in ScheduledTime."""
    text = written(_MOMENT)
    assert (whole_seconds(text), with_offset(text)) == (
        "2026-11-21T12:56:26Z",
        "2026-11-21T12:56:26.3253+00:00",
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nothing here", "nothing here"),
        ('x?code=SECRET", "n": 2', 'x[Hidden Credential]", "n": 2'),
        ("a&sig=abc<b", "a[Hidden Credential]<b"),
        ("Password=p PublicKeyToken=keep", "[Hidden Credential]"),
        ("PublicKeyToken=keep", "PublicKeyToken=keep"),
        ("TOKEN=one' token=two'", "[Hidden Credential]' [Hidden Credential]'"),
    ],
)
def test_sanitizer(text, expected):
    """From a credential's name to the next quote or `<`, whatever stands between."""
    assert sanitized(text) == expected


@pytest.mark.parametrize(("text", "seconds"), [("00:05:00", 300), ("1.00:00:01", 86401), ("00:00:00.5", 0.5)])
def test_time_spans(text, seconds):
    """.NET's time spans, days and fractions included."""
    assert time_span_seconds(text) == seconds


def test_a_bad_time_span():
    """The message shows what was given and what would do."""
    with pytest.raises(ValueError, match="'soon' is not a time span such as 00:05:00"):
        time_span_seconds("soon")


def test_host_json():
    """Hub, limits and visibility come from host.json; devhost's own default redelivers at once."""
    host = {
        "extensions": {
            "durableTask": {
                "hubName": "Raincheck",
                "maxConcurrentActivityFunctions": 3,
                "storageProvider": {"workItemQueueVisibilityTimeout": "00:01:00"},
            }
        }
    }
    settings = DurableSettings.from_host_json(host)
    assert settings == DurableSettings(
        hub_name="Raincheck", max_activities=3, work_item_visibility_seconds=60, redeliver_after_seconds=0
    )


def test_limits_by_default():
    """Ten functions of a kind per core, as the extension has it."""
    assert DurableSettings.from_host_json({}).activities_at_once % 10 == 0
