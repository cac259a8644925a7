"""NCRONTAB: `{second} {minute} {hour} {day} {month} {day-of-week}` in UTC; five fields mean second 0."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_DAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
_FIELDS: list[tuple[str, int, int, list[str]]] = [
    ("second", 0, 59, []),
    ("minute", 0, 59, []),
    ("hour", 0, 23, []),
    ("day", 1, 31, []),
    ("month", 1, 12, _MONTHS),
    ("day of week", 0, 6, _DAYS),
]
_SIX = 6
_HORIZON_DAYS = 366 * 8 + 2


class ScheduleError(ValueError):
    """The expression can't be read, or never comes due."""


@dataclass(frozen=True)
class Schedule:
    """When a timer comes due. All fields have to fit, day and day of week too, as NCrontab has it."""

    text: str
    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]

    @classmethod
    def parse(cls, text: str) -> Schedule:
        """Read an expression. Raises ScheduleError."""
        parts = text.split()
        if len(parts) == _SIX - 1:
            parts = ["0", *parts]
        if len(parts) != _SIX:
            raise ScheduleError(f"schedule {text!r} has to have six fields, or five without the seconds")
        second, minute, hour, day, month, weekday = (
            _values(part, *field) for part, field in zip(parts, _FIELDS, strict=True)
        )
        times = tuple(second), tuple(minute), tuple(hour)
        schedule = cls(text, *times, frozenset(day), frozenset(month), frozenset(weekday))
        schedule.after(datetime(2024, 1, 1))  # noqa: DTZ001 - any date will do
        return schedule

    def after(self, moment: datetime) -> datetime:
        """Return the first due time after `moment`, a whole second. Raises ScheduleError if there is none."""
        day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        for _ in range(_HORIZON_DAYS):
            if self._fits(day):
                for hour in self.hours:
                    if day + timedelta(hours=hour + 1) <= moment:
                        continue
                    for minute in self.minutes:
                        if day + timedelta(hours=hour, minutes=minute + 1) <= moment:
                            continue
                        for second in self.seconds:
                            due = day + timedelta(hours=hour, minutes=minute, seconds=second)
                            if due > moment:
                                return due
            day += timedelta(days=1)
        raise ScheduleError(f"schedule {self.text!r} never comes due")

    def _fits(self, day: datetime) -> bool:
        weekday = (day.weekday() + 1) % 7
        return day.month in self.months and day.day in self.days and weekday in self.weekdays


def _values(text: str, name: str, low: int, high: int, names: list[str]) -> list[int]:
    numbers: set[int] = set()
    for part in text.split(","):
        span, _, step_text = part.partition("/")
        first, dash, last = span.partition("-")
        try:
            step = int(step_text) if step_text else 1
            start = low if span == "*" else _number(first, low, names)
            stop = _number(last, low, names) if dash else (high if span == "*" or step_text else start)
        except ValueError:
            raise ScheduleError(f"{text!r} can't be read as {name}") from None
        if not (low <= start <= high and low <= stop <= high and step > 0):
            raise ScheduleError(f"{text!r} is out of range for {name} ({low}-{high})")
        span_values = (
            range(start, stop + 1) if start <= stop else [*range(start, high + 1), *range(low, stop + 1)]
        )
        numbers.update(list(span_values)[::step])
    return sorted(numbers)


def _number(text: str, low: int, names: list[str]) -> int:
    if not text or text[0].isdigit():
        return int(text)
    for at, name in enumerate(names, low):
        if name.startswith(text.lower()):  # the beginning of a name is enough, as NCrontab has it
            return at
    raise ValueError(text)
