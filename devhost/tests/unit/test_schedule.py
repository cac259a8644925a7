from datetime import datetime

import pytest

from raincheck_devhost.bindings.schedule import Schedule, ScheduleError

_NOW = datetime.fromisoformat("2026-11-21T13:02:29.500000")  # a Saturday
_DUE = [
    ("*/5 * * * * *", "2026-11-21T13:02:30"),
    ("0 * * * * *", "2026-11-21T13:03:00"),
    ("* * * * *", "2026-11-21T13:03:00"),
    ("0 0 */2 * * *", "2026-11-21T14:00:00"),
    ("0 30 9 * * Mon-Fri", "2026-11-23T09:30:00"),
    ("0 0 0 1 jan *", "2027-01-01T00:00:00"),
    ("0 0 0 29 2 *", "2028-02-29T00:00:00"),
    ("0 0 12 13 * 5", "2027-08-13T12:00:00"),
    ("10,40 2 13 * * *", "2026-11-21T13:02:40"),
    ("0 59-1 * * * *", "2026-11-21T13:59:00"),
    ("30 2 13 21 11 Sat", "2026-11-21T13:02:30"),
    ("0 0 9 * * Monday", "2026-11-23T09:00:00"),
]
_UNREADABLE = ["", "* * * *", "60 * * * * *", "x * * * * *", "0 0 0 31 2 *", "*/0 * * * * *"]
_OF_OTHER_CRONS = ["0 0 0 * * 7", "0 0 0 L * *", "0 0 0 * * Mon#1", "@hourly"]


@pytest.mark.parametrize(("text", "due"), _DUE)
def test_a_schedule_comes_due_when_ncrontab_says(text: str, due: str) -> None:
    """Six fields, all of which have to fit."""
    assert Schedule.parse(text).after(_NOW) == datetime.fromisoformat(due)


@pytest.mark.parametrize(
    "text",
    [*_UNREADABLE, *_OF_OTHER_CRONS],
)
def test_a_schedule_that_cannot_be_is_refused(text: str) -> None:
    """What can't be read or never comes due is an error at the start."""
    with pytest.raises(ScheduleError):
        Schedule.parse(text)
