"""How the text of a setting becomes a value. A parser raises ValueError that never repeats a secret."""

import math
import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

__all__ = [
    "MIN_SIGNING_KEY",
    "between",
    "development",
    "each",
    "flag",
    "host_name",
    "host_pattern",
    "https_url",
    "items",
    "key_digests",
    "named",
    "origin",
    "signing_key",
    "url",
]

MIN_SIGNING_KEY = 32  # characters

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}\Z")
_HOST_PATTERN = re.compile(
    r"\*\Z|(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*(:\d{1,5})?\Z|\[[0-9a-f:.]+\](:\d{1,5})?\Z"
)
_HOST_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,252}(:\d{1,5})?\Z")
_ORIGIN = re.compile(r"\*\Z|https?://[^\s/?#@,]+\Z")


def items(text: str) -> tuple[str, ...]:
    """Split at commas; blanks around an item and empty items are dropped."""
    return tuple(item.strip() for item in text.split(",") if item.strip())


def each(parse: Callable[[str], str]) -> Callable[[str], tuple[str, ...]]:
    """Build a parser for a comma-separated list."""
    return lambda text: tuple(parse(item) for item in items(text))


def between(low: float, high: float) -> Callable[[str], float]:
    """Build a parser for a number from `low` to `high`, both included."""

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise ValueError("is not a number") from None
        if not math.isfinite(value) or not low <= value <= high:
            raise ValueError(f"is not between {low:g} and {high:g}")
        return value

    return parse


def development(text: str) -> bool:
    """Whether the environment of this name is a developer's machine."""
    return text.lower() == "development"


def flag(text: str) -> bool:
    """Read `on` or `off`."""
    known = {"on": True, "off": False, "true": True, "false": False}
    if text.lower() not in known:
        raise ValueError("is neither on nor off")
    return known[text.lower()]


def signing_key(text: str) -> str:
    """Take a key that is long enough to sign with."""
    if len(text) < MIN_SIGNING_KEY:
        raise ValueError(f"has a key of less than {MIN_SIGNING_KEY} characters")
    return text


def host_pattern(text: str) -> str:
    """Take a host name or address, or `*.` and a name; in lower case."""
    if not _HOST_PATTERN.match(text.lower()):
        raise ValueError("has an item that is no host name")
    return text.lower()


def host_name(text: str) -> str:
    """Take a host name with a port or none."""
    if not _HOST_NAME.match(text):
        raise ValueError("is no host name")
    return text


def origin(text: str) -> str:
    """Take a browser's origin: scheme, host and port, nothing after it; or `*`."""
    if not _ORIGIN.match(text):
        raise ValueError("has an item that is no origin")
    return text


def url(text: str) -> str:
    """Take the base of URLs: no credentials, query or fragment; without a slash at its end."""
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - a property that checks the port
    except ValueError:
        raise ValueError("is no URL") from None
    if parts.scheme not in {"https", "http"} or not parts.hostname or re.search(r"[\s\x00-\x1f\x7f]", text):
        raise ValueError("is no URL")
    if parts.username is not None or "?" in text or "#" in text:
        raise ValueError("has credentials, a query or a fragment")
    return text.rstrip("/")


def https_url(text: str) -> str:
    """As `url`, of https only."""
    base = url(text)
    if urlsplit(base).scheme != "https":
        raise ValueError("is not https")
    return base


def key_digests(text: str) -> Mapping[str, str]:
    """Read `name=sha256hex,…`: the keys themselves never stand in a setting."""
    digests = dict(named(text))
    if not all(re.fullmatch(r"[0-9a-fA-F]{64}", digest) for digest in digests.values()):
        raise ValueError("has a digest that is not a SHA-256 in hex (64 digits)")
    return {name: digest.lower() for name, digest in digests.items()}


def named(text: str, *, name: Callable[[str], str] = str.strip) -> list[tuple[str, str]]:
    """Split `label=value,…`; `name` reads the name, of which there is one each, out of a label."""
    pairs = []
    names = []
    for item in items(text):
        label, equals, value = item.partition("=")
        if not equals or not _NAME.match(name(label)):
            raise ValueError("has an item that is not name=value")
        pairs.append((label.strip(), value.strip()))
        names.append(name(label))
    if len(set(names)) < len(names):
        raise ValueError("has a name twice")
    return pairs
