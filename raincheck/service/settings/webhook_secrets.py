"""The secrets that sign callbacks: by name, and each name with the hosts that it signs for."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field

from raincheck.service.settings.values import host_pattern, named

__all__ = ["MIN_WEBHOOK_SECRET", "WebhookSecret", "read_secrets", "read_short_secrets"]

MIN_WEBHOOK_SECRET = 24  # bytes, the least that Standard Webhooks recommends


@dataclass(frozen=True, slots=True)
class WebhookSecret:
    """What stands behind one name: it signs for receivers at its hosts, and for nobody else."""

    keys: tuple[str, ...] = field(repr=False)
    """Newest first, each `whsec_…`; all of them sign."""
    hosts: tuple[str, ...] = ()
    """Patterns as in RAINCHECK_CALLBACK_HOSTS; none: this machine only, and in development only."""


def read_secrets(text: str, *, least: int = MIN_WEBHOOK_SECRET) -> Mapping[str, WebhookSecret]:
    """Read `name@host;host=whsec_new|whsec_old,…`, keys of `least` bytes; one of the names is `default`."""
    secrets: dict[str, WebhookSecret] = {}
    for label, value in named(text, name=_name_of):
        keys = tuple(key.strip() for key in value.split("|"))
        if not all(_is_webhook_key(key, least) for key in keys):
            raise ValueError(f"has a secret that is not whsec_ and base64 of {least} bytes or more")
        name, at, hosts = label.partition("@")
        patterns = tuple(host_pattern(host.strip()) for host in hosts.split(";")) if at else ()
        secrets[name.strip()] = WebhookSecret(keys, patterns)
    if "default" not in secrets:
        raise ValueError("has no secret named default")
    return secrets


def read_short_secrets(text: str) -> Mapping[str, WebhookSecret]:
    """As `read_secrets`, of any length: on a laptop they protect nothing."""
    return read_secrets(text, least=1)


def _name_of(label: str) -> str:
    return label.partition("@")[0].strip()


def _is_webhook_key(text: str, least: int) -> bool:
    if not text.startswith("whsec_"):
        return False
    try:
        raw = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        return False
    return len(raw) >= least
