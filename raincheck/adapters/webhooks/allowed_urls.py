"""Which URLs a callback may go to. Callers choose them, so every one is hostile until it has passed."""

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass

from raincheck.adapters.webhooks.addresses import IPAddress, is_public

__all__ = ["CallbackHosts", "Target", "UrlRefused"]

_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[^\]/?#@]*\]|[^\[\]/?#@:]*)(:(?P<port>[0-9]{1,5}))?(?P<rest>[/?].*)?"
)
_HOST = re.compile(
    r"(?=.{1,253}\Z)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\Z"
)
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)\Z")  # a last label like this makes browsers read an IPv4 address
_DEFAULT_PORTS = {"https": 443, "http": 80}
_MAX_PORT = 65_535


class UrlRefused(ValueError):
    """The URL may not be called. The text says why, and repeats nothing of the URL."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL in parts, of which there is only one reading. `address` is set where the host is one."""

    scheme: str
    host: str
    port: int
    path: str
    address: IPAddress | None

    @property
    def loopback(self) -> bool:
        """Whether it names this machine in one of the usual ways."""
        return self.host == "localhost" if self.address is None else self.address.is_loopback

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def __repr__(self) -> str:
        """Hide it: paths and queries of callbacks hold secrets of their receivers."""
        return "Target(…)"


class CallbackHosts:
    """The allow-list.

    `patterns`: `hooks.example.com` (https on port 443), `hooks.example.com:8443` (that port only),
    `*.example.com` (any name below), `*` (any public host). None at all allows nothing. In development,
    and only there, this machine (localhost, 127.0.0.0/8, ::1) is allowed too, by http or https on any port.
    """

    def __init__(self, patterns: Collection[str], *, development: bool) -> None:
        self._patterns = [_split(pattern.lower()) for pattern in patterns]
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
        if not any(_matches(target, host, port) for host, port in self._patterns):
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
    port = int(parts["port"] or _DEFAULT_PORTS[parts["scheme"]])
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


def _split(pattern: str) -> tuple[str, int]:
    host, colon, port = pattern.rpartition(":")
    if not colon or not port.isdigit():
        host, port = pattern, "443"
    return host.strip("[]").removesuffix("."), int(port)


def _matches(target: Target, host: str, port: int) -> bool:
    if target.port != port:
        return False
    if host == "*":
        return True
    if host.startswith("*."):
        return target.address is None and target.host.endswith(host[1:]) and target.host != host[2:]
    return target.host == host
