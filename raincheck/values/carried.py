"""Kinds of values that JSON has no form for, each with a text that says it exactly."""

import base64
import ipaddress
import pathlib
import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

__all__ = ["MARK", "TEXTS", "NotCarried", "Texts"]

MARK = "raincheck.value"
"""The one key of an object that holds a value in a form of our own."""


class NotCarried(ValueError):
    """A value can't be carried: `where` says which part, `why` in words, without the value."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where or 'it'} {why}")


class Texts(NamedTuple):
    """How values of one class become text, and text becomes them."""

    cls: type
    write: Callable[[Any], str]
    read: Callable[[str], Any]


def _write_timedelta(value: timedelta) -> str:
    return f"{value.days},{value.seconds},{value.microseconds}"


def _read_timedelta(text: str) -> timedelta:
    days, seconds, microseconds = map(int, text.split(","))
    return timedelta(days, seconds, microseconds)


def _write_bytes(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _write_pattern(value: re.Pattern[Any]) -> str:
    if not isinstance(value.pattern, str):
        raise TypeError("a pattern of bytes")
    return f"{value.flags}:{value.pattern}"


def _read_pattern(text: str) -> re.Pattern[str]:
    flags, _, pattern = text.partition(":")
    return re.compile(pattern, int(flags))


TEXTS = {
    "float": Texts(float, repr, float),
    "complex": Texts(complex, repr, complex),
    "bytes": Texts(bytes, _write_bytes, base64.b64decode),
    "bytearray": Texts(bytearray, _write_bytes, lambda text: bytearray(base64.b64decode(text))),
    "date": Texts(date, date.isoformat, date.fromisoformat),
    "timedelta": Texts(timedelta, _write_timedelta, _read_timedelta),
    "zone": Texts(ZoneInfo, lambda zone: str(zone.key), ZoneInfo),
    "decimal": Texts(Decimal, str, Decimal),
    "fraction": Texts(Fraction, str, Fraction),
    "uuid": Texts(UUID, str, UUID),
    "pattern": Texts(re.Pattern, _write_pattern, _read_pattern),
    "path": Texts(type(pathlib.Path()), str, pathlib.Path),
    "pure_posix_path": Texts(pathlib.PurePosixPath, str, pathlib.PurePosixPath),
    "pure_windows_path": Texts(pathlib.PureWindowsPath, str, pathlib.PureWindowsPath),
    **{
        cls.__name__.lower(): Texts(cls, str, cls)
        for cls in (
            ipaddress.IPv4Address,
            ipaddress.IPv6Address,
            ipaddress.IPv4Network,
            ipaddress.IPv6Network,
            ipaddress.IPv4Interface,
            ipaddress.IPv6Interface,
        )
    },
}
"""By the word that marks them."""
