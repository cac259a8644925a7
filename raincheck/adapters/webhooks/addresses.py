"""Which addresses of the network a callback may reach: public ones, and nothing that leads elsewhere."""

import asyncio
import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

__all__ = ["AddressRefused", "IPAddress", "is_public", "resolve"]

IPAddress = IPv4Address | IPv6Address

_NOT_PUBLIC_4 = [
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carriers' NAT, and some clouds' metadata
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's own services for a machine: public in looks only
        "169.254.0.0/16",  # link-local, and metadata
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
]
_UNICAST_6 = IPv6Network("2000::/3")  # so neither ::1, mapped, NAT64, unique local, link-local nor multicast
_NOT_PUBLIC_6 = [
    IPv6Network(network)
    for network in (
        "2001::/23",  # Teredo, ORCHID and others of special purpose
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address in disguise
        "3fff::/20",
    )
]


class AddressRefused(Exception):
    """A name leads to an address that is not public, or to none. The text holds neither."""


def is_public(address: IPAddress) -> bool:
    """Whether anyone on the internet may be at this address."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    return address in _UNICAST_6 and not any(address in network for network in _NOT_PUBLIC_6)


async def resolve(host: str, port: int, *, loopback: bool) -> list[IPAddress]:
    """Look a host up once and screen every address; with `loopback`, exactly this machine's are allowed.

    Raises:
        AddressRefused: one of the addresses is not allowed, or there is none.
    """
    try:
        entries = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise AddressRefused("the host name could not be resolved") from error
    addresses = list(dict.fromkeys(ip_address(str(entry[4][0]).partition("%")[0]) for entry in entries))
    if not addresses:
        raise AddressRefused("the host name has no address")
    for address in addresses:
        if not (address.is_loopback if loopback else is_public(address)):
            raise AddressRefused("the host name leads to an address that is not allowed")
    return addresses
