"""Which URLs a callback may go to. Callers choose them, so every one is hostile until it has passed."""

import ipaddress
import re
from collections.abc import Collection

from raincheck.adapters.webhooks.addresses import IPAddress, is_public
from raincheck.adapters.webhooks.host_patterns import HostPatterns
from raincheck.adapters.webhooks.targets import DEFAULT_PORTS, Target

__all__ = ["CallbackHosts", "UrlRefused"]

_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[^\]/?#@]*\]|[^\[\]/?#@:]*)(:(?P<port>[0-9]{1,5}))?(?P<rest>[/?].*)?"
)
_HOST = re.compile(
    r"(?=.{1,253}\Z)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\Z"
)
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)\Z")  # a last label like this makes browsers read an IPv4 address
_MAX_PORT = 65_535


class UrlRefused(ValueError):
    """The URL may not be called. The text says why, and repeats nothing of the URL."""


class CallbackHosts:
    """The allow-list.

    `patterns`: as HostPatterns has them, by https only, and public ones only. In development, and only
    there, this machine (localhost, 127.0.0.0/8, ::1) is allowed too, by http or https on any port.
    """

    def __init__(self, patterns: Collection[str], *, development: bool) -> None:
        self._patterns = HostPatterns(patterns)
        self._development = development

    def target(self, url: str) -> Target:
        """Read a URL and check it against the list. Addresses behind names are not looked up here.

        Raises:
            UrlRefused: it is not allowed, or has more than one reading.
        """
        target = _parse(url)
        if target.loopback and self._development:
            return target
        if target.scheme != "https":
            raise UrlRefused("only https is allowed")
        if target.loopback:
            raise UrlRefused("its address is not a public one")
        if target not in self._patterns:
            raise UrlRefused("its host or port is not on the list of callback hosts")
        if target.address is not None and not is_public(target.address):
            raise UrlRefused("its address is not a public one")
        return target


def _parse(url: str) -> Target:
    if not url.isprintable() or " " in url or "\\" in url:
        raise UrlRefused("it has blanks, control characters or backslashes")
    scheme, colon, after = url.partition(":")
    parts = _URL.fullmatch(scheme.lower() + colon + after)
    if parts is None:
        raise UrlRefused("it is not an absolute https URL without credentials and fragment")
    rest = parts["rest"] or "/"
    if "#" in rest or not rest.isascii():
        raise UrlRefused("it has a fragment, or characters that must be percent-encoded")
    port = int(parts["port"] or DEFAULT_PORTS[parts["scheme"]])
    if not 0 < port <= _MAX_PORT:
        raise UrlRefused("its port is no port")
    host, address = _host(parts["host"])
    return Target(parts["scheme"], host, port, rest if rest.startswith("/") else f"/{rest}", address)


def _host(text: str) -> tuple[str, IPAddress | None]:
    if text.startswith("["):
        try:
            address = ipaddress.IPv6Address(text[1:-1])
        except ValueError:
            raise UrlRefused("its IPv6 address can't be read") from None
        if address.scope_id is not None:
            raise UrlRefused("its IPv6 address has a zone")
        return address.compressed, address
    host = _ascii(text).lower().removesuffix(".")
    if not _HOST.match(host):
        raise UrlRefused("its host name can't be read")
    if not _NUMBER.match(host.rpartition(".")[2]):
        return host, None
    try:
        number = ipaddress.IPv4Address(host)
    except ValueError:
        raise UrlRefused("its address is spelled in an unusual way") from None
    return str(number), number


def _ascii(host: str) -> str:
    if host.isascii():
        return host
    import idna  # noqa: PLC0415 - large tables, for the few names that need them

    try:
        return idna.encode(host, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        raise UrlRefused("its host name can't be read") from None
