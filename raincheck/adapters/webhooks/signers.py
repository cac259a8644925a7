"""Which keys sign for which receiver: callers name a secret, and its hosts decide whether it signs."""

from collections.abc import Mapping, Sequence

from raincheck.adapters.webhooks.host_patterns import HostPatterns
from raincheck.adapters.webhooks.targets import Target
from raincheck.service.settings.webhook_secrets import WebhookSecret

__all__ = ["Signers"]


class Signers:
    """The secrets by name. One without hosts signs for this machine, in development only."""

    def __init__(self, secrets: Mapping[str, WebhookSecret], *, development: bool) -> None:
        self._secrets = {name: (HostPatterns(secret.hosts), secret) for name, secret in secrets.items()}
        self._development = development

    def keys(self, name: str, target: Target) -> Sequence[str]:
        """Return the keys, newest first; none for an unknown name as for a host that isn't the name's."""
        if name not in self._secrets:
            return ()
        patterns, secret = self._secrets[name]
        signs = target in patterns if secret.hosts else self._development and target.loopback
        return secret.keys if signs else ()
