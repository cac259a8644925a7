"""Connections to addresses that were screened, whatever the name says by the time of the connection."""

from collections.abc import Iterable, Sequence

import httpcore
from typing_extensions import override

from raincheck.adapters.webhooks.addresses import IPAddress

__all__ = ["PinnedNetwork"]


class PinnedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to its addresses only, in their order. TLS still checks the name of the URL."""

    def __init__(self, addresses: Sequence[IPAddress]) -> None:
        self._addresses = addresses
        self._network = httpcore.AnyIOBackend()

    @override
    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address that answers; `host` is not looked up again."""
        del host
        failure: Exception | None = None
        for address in self._addresses:
            try:
                return await self._network.connect_tcp(
                    str(address), port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError("no address")

    @override
    async def sleep(self, seconds: float) -> None:
        """Wait, as httpcore does between its own tries."""
        await self._network.sleep(seconds)
