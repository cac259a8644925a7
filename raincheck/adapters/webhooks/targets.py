"""Where a callback goes: a URL in parts, of which there is only one reading."""

from dataclasses import dataclass

from raincheck.adapters.webhooks.addresses import IPAddress

__all__ = ["DEFAULT_PORTS", "Target"]

DEFAULT_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Target:
    """The parts. `address` is set where the host is one."""

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
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def __repr__(self) -> str:
        """Hide it: paths and queries of callbacks hold secrets of their receivers."""
        return "Target(…)"
