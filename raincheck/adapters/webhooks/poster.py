"""Posts signed callbacks, one attempt at a time.

It speaks HTTP through httpcore, the wire of httpx, by itself: that follows no redirects, uses no proxies of
the environment, keeps no cookies and unpacks nothing, and its connections can be led to addresses that were
screened.
"""

import asyncio
import logging
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from raincheck.adapters.webhooks.addresses import AddressRefused, resolve
from raincheck.adapters.webhooks.allowed_urls import CallbackHosts, UrlRefused
from raincheck.adapters.webhooks.signatures import signed_headers
from raincheck.adapters.webhooks.signers import Signers
from raincheck.adapters.webhooks.targets import Target
from raincheck.adapters.webhooks.verdicts import failed, verdict
from raincheck.errors import RequestError
from raincheck.models import CallbackRequest
from raincheck.service.deliveries import PostResult
from raincheck.service.ports import Clock
from raincheck.service.settings.webhook_secrets import WebhookSecret

if TYPE_CHECKING:
    import ssl

    import httpcore

__all__ = ["HttpWebhooks"]

_LOG = logging.getLogger(__name__)
_CONNECT_LIMIT = 5.0  # seconds
_TOTAL_LIMIT = 15.0  # seconds from looking the name up to the status line
_BODY_LIMIT = 16 * 1024  # bytes of an answer's body that are read, for the receiver's sake only
_BODY_TIME = 1.0  # seconds
_MOST_ADDRESSES = 4


class HttpWebhooks:
    """Posts to allowed hosts, signed by secrets that are bound to them. `secrets` are by name."""

    def __init__(
        self,
        *,
        hosts: Collection[str],
        secrets: Mapping[str, WebhookSecret],
        development: bool,
        clock: Clock,
        total_limit: float = _TOTAL_LIMIT,
        ssl_context: "ssl.SSLContext | None" = None,
    ) -> None:
        self._hosts = CallbackHosts(hosts, development=development)
        self._signers = Signers(secrets, development=development)
        self._clock = clock
        self._total_limit = total_limit
        self._ssl_context = ssl_context

    def check(self, callback: CallbackRequest) -> None:
        """Refuse a callback that could never be posted.

        Raises:
            RequestError: 422; the URL is not allowed, or no secret of this name signs for its host: which
                names there are, and for whom they sign, is not told.
        """
        try:
            target = self._hosts.target(callback.url)
        except UrlRefused as refused:
            raise _unprocessable("callback.url", f"The callback URL is refused: {refused}.") from None
        if not self._signers.keys(callback.secret, target):
            message = "No webhook secret of this name signs for the host of the callback URL."
            raise _unprocessable("callback.secret", message)

    async def post(self, callback: CallbackRequest, *, webhook_id: str, body: bytes) -> PostResult:
        """Post once, within limits. Never raises for what the receiver does."""
        try:
            async with asyncio.timeout(self._total_limit):
                target = self._hosts.target(callback.url)
                keys = self._signers.keys(callback.secret, target)
                if not keys:
                    return failed("no webhook secret of this name signs for this host any more")
                headers = signed_headers(keys, webhook_id=webhook_id, sent_at=self._clock(), body=body)
                return await self._send(target, headers, body)
        except TimeoutError:
            return failed("the receiver did not answer in time")
        except UrlRefused as refused:
            return failed(f"the callback URL is refused: {refused}")
        except AddressRefused as refused:
            return failed(str(refused))
        except Exception as error:  # noqa: BLE001 - whatever a receiver sends, its delivery goes on
            _LOG.error("a callback could not be posted: %s", type(error).__name__)
            return failed("the callback could not be posted")

    async def _send(self, target: Target, headers: Mapping[str, str], body: bytes) -> PostResult:
        import httpcore  # noqa: PLC0415 - only for apps that have callbacks

        from raincheck.adapters.webhooks.pinned_network import PinnedNetwork  # noqa: PLC0415 - imports httpcore

        addresses = await resolve(target.host, target.port, loopback=target.loopback)
        pool = httpcore.AsyncConnectionPool(
            ssl_context=self._tls() if target.scheme == "https" else None,
            network_backend=PinnedNetwork(addresses[:_MOST_ADDRESSES]),
            max_keepalive_connections=0,
        )
        url = httpcore.URL(
            scheme=target.scheme.encode(),
            host=target.host.encode(),
            port=target.port,
            target=target.path.encode(),
        )
        request = httpcore.Request(
            "POST",
            url,
            headers=[
                ("Host", target.authority),
                ("Content-Type", "application/json"),
                ("Content-Length", str(len(body))),
                ("User-Agent", "Raincheck"),
                ("Accept", "*/*"),
                ("Connection", "close"),
                *headers.items(),
            ],
            content=body,
            extensions={"timeout": {"connect": _CONNECT_LIMIT}},
        )
        try:
            async with pool:
                response = await pool.handle_async_request(request)
                result = verdict(response.status, response.headers, self._clock())
                await _drain(response)
                return result
        except httpcore.ConnectTimeout:
            return failed("the receiver did not take the connection in time")
        except (httpcore.NetworkError, httpcore.TimeoutException):
            return failed("the connection to the receiver failed")
        except httpcore.ProtocolError:
            return failed("the receiver did not answer in HTTP")

    def _tls(self) -> "ssl.SSLContext":
        if self._ssl_context is None:
            import httpcore  # noqa: PLC0415 - as above

            self._ssl_context = httpcore.default_ssl_context()
        return self._ssl_context


async def _drain(response: "httpcore.Response") -> None:
    """Let the receiver finish its answer, within limits. The status was all that counted."""
    with suppress(Exception):
        async with asyncio.timeout(_BODY_TIME):
            size = 0
            stream: Any = response.stream
            async for chunk in stream:
                size += len(chunk)
                if size > _BODY_LIMIT:
                    break


def _unprocessable(path: str, message: str) -> RequestError:
    return RequestError(422, "callback_refused", message, errors=[{"path": path, "message": message}])
