"""How the text of a setting becomes a value. A parser raises ValueError that never repeats a secret."""

import base64
import binascii
import math
import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

__all__ = [
    "MIN_SIGNING_KEY",
    "MIN_WEBHOOK_SECRET",
    "between",
    "development",
    "each",
    "flag",
    "host_name",
    "host_pattern",
    "https_url",
    "items",
    "key_digests",
    "origin",
    "short_webhook_secrets",
    "signing_key",
    "url",
    "webhook_secrets",
]

MIN_SIGNING_KEY = 32  # characters
MIN_WEBHOOK_SECRET = 24  # bytes, the least that Standard Webhooks recommends

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


def webhook_secrets(text: str, *, least: int = MIN_WEBHOOK_SECRET) -> Mapping[str, tuple[str, ...]]:
    """Read `name=whsec_new|whsec_old,…`, each of `least` bytes; one of the names is `default`."""
    secrets: dict[str, tuple[str, ...]] = {}
    for name, value in _named(text):
        several = tuple(secret.strip() for secret in value.split("|"))
        if not all(_is_webhook_secret(secret, least) for secret in several):
            raise ValueError(f"has a secret that is not whsec_ and base64 of {least} bytes or more")
        secrets[name] = several
    if "default" not in secrets:
        raise ValueError("has no secret named default")
    return secrets


def key_digests(text: str) -> Mapping[str, str]:
    """Read `name=sha256hex,…`: the keys themselves never stand in a setting."""
    digests = dict(_named(text))
    if not all(re.fullmatch(r"[0-9a-fA-F]{64}", digest) for digest in digests.values()):
        raise ValueError("has a digest that is not a SHA-256 in hex (64 digits)")
    return {name: digest.lower() for name, digest in digests.items()}


def _named(text: str) -> list[tuple[str, str]]:
    pairs = []
    for item in items(text):
        name, equals, value = item.partition("=")
        if not equals or not _NAME.match(name.strip()):
            raise ValueError("has an item that is not name=value")
        pairs.append((name.strip(), value.strip()))
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("has a name twice")
    return pairs


def short_webhook_secrets(text: str) -> Mapping[str, tuple[str, ...]]:
    """As `webhook_secrets`, of any length: on a laptop they protect nothing."""
    return webhook_secrets(text, least=1)


def _is_webhook_secret(text: str, least: int) -> bool:
    if not text.startswith("whsec_"):
        return False
    try:
        raw = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        return False
    return len(raw) >= least
