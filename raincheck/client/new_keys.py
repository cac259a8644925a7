"""Makes keys: the one place where secrets are printed, because that is what was asked for."""

import base64
import hashlib
import secrets

__all__ = ["KINDS", "new_key"]

KINDS = ("signing", "webhook", "api")


def new_key(kind: str) -> list[str]:
    """Return the lines to print for a new key of a kind."""
    if kind == "signing":
        return [f"RAINCHECK_SIGNING_KEYS={secrets.token_hex(32)}"]
    if kind == "webhook":
        made = base64.b64encode(secrets.token_bytes(32)).decode()
        return [f"RAINCHECK_WEBHOOK_SECRETS=default=whsec_{made}"]
    key = secrets.token_urlsafe(32)
    digest = hashlib.sha256(key.encode()).hexdigest()
    return [f"# for the caller: {key}", f"RAINCHECK_API_KEYS=caller={digest}"]
