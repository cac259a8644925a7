"""Which hosts a pattern of a setting stands for."""

from collections.abc import Collection

from raincheck.adapters.webhooks.targets import DEFAULT_PORTS, Target

__all__ = ["HostPatterns"]


class HostPatterns:
    """A list of hosts.

    `hooks.example.com` (port 443), `hooks.example.com:8443` (that port only), `*.example.com` (any name
    below), `*` (any host). Names of this machine, which only development may call, have any port unless one
    is written. None at all matches nothing.
    """

    def __init__(self, patterns: Collection[str]) -> None:
        self._patterns = [_split(pattern.lower()) for pattern in patterns]

    def __contains__(self, target: Target) -> bool:
        """Whether one of the patterns stands for it."""
        return any(_matches(target, host, port) for host, port in self._patterns)


def _split(pattern: str) -> tuple[str, int | None]:
    host, colon, port = pattern.rpartition(":")
    if colon and port.isdigit():
        return _bare(host), int(port)
    return _bare(pattern), None


def _bare(host: str) -> str:
    return host.strip("[]").removesuffix(".")


def _matches(target: Target, host: str, port: int | None) -> bool:
    if target.port != (port or DEFAULT_PORTS["https"]) and (port or not target.loopback):
        return False
    if host == "*":
        return True
    if host.startswith("*."):
        return target.address is None and target.host.endswith(host[1:]) and target.host != host[2:]
    return target.host == host
