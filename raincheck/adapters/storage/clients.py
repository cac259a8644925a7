"""The clients of one storage account, made when first needed."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self
from weakref import WeakKeyDictionary

from raincheck.adapters.storage.account import Account
from raincheck.adapters.storage.limits import BACKOFF, LIMITS, TABLE_BACKOFF

if TYPE_CHECKING:
    from azure.data.tables.aio import TableClient
    from azure.storage.blob.aio import ContainerClient
    from azure.storage.queue.aio import QueueClient

__all__ = ["Storage"]


class Storage:
    """Clients of one account, for each event loop its own. Nothing is imported or opened before first use.

    `policies` are put into every blob pipeline, nearest to the wire: for tests that lose answers.
    """

    def __init__(self, account: Account, *, policies: Sequence[Any] = ()) -> None:
        self._account = account
        self._policies = list(policies)
        self._loops: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, Any]] = WeakKeyDictionary()

    @classmethod
    def from_settings(cls, settings: Mapping[str, str]) -> Self:
        """Use the account that the Functions host uses: `AzureWebJobsStorage`, by string or by identity.

        Raises:
            ConfigurationError: neither is set, or it can't be read.
        """
        return cls(Account.from_settings(settings))

    @classmethod
    def from_connection_string(cls, text: str, *, policies: Sequence[Any] = ()) -> Self:
        """Use the account of a connection string.

        Raises:
            ConfigurationError: it can't be read.
        """
        return cls(Account.from_connection_string(text), policies=policies)

    def table(self, name: str) -> "TableClient":
        """Return the client of a table, which need not exist."""
        client: TableClient = self._client(f"table {name}", lambda: self._tables.get_table_client(name))
        return client

    def container(self, name: str) -> "ContainerClient":
        """Return the client of a blob container, which need not exist."""
        client: ContainerClient = self._client(
            f"container {name}", lambda: self._blobs.get_container_client(name)
        )
        return client

    def queue(self, name: str) -> "QueueClient":
        """Return the client of a queue, which need not exist. Its messages are base64, as the host's are."""
        client: QueueClient = self._client(f"queue {name}", lambda: self._open_queue(name))
        return client

    async def close(self) -> None:
        """Close what this event loop opened. It may be used again: new clients are made."""
        opened = self._loops.pop(asyncio.get_running_loop(), {})
        for name in ("tables", "blobs", "queues", "credential"):
            if opened.get(name) is not None:
                await opened[name].close()

    @property
    def _credential(self) -> Any:
        return self._client("credential", self._account.sign_in)

    @property
    def _tables(self) -> Any:
        def make() -> Any:
            from azure.data.tables.aio import TableServiceClient  # noqa: PLC0415 - 98 ms, when first needed

            return self._account.open(
                TableServiceClient, "table", self._credential, **LIMITS, **TABLE_BACKOFF
            )

        return self._client("tables", make)

    @property
    def _blobs(self) -> Any:
        def make() -> Any:
            from azure.storage.blob.aio import (  # noqa: PLC0415 - 275 ms, when first needed
                BlobServiceClient,
                ExponentialRetry,
            )

            return self._account.open(
                BlobServiceClient,
                "blob",
                self._credential,
                retry_policy=ExponentialRetry(**BACKOFF, **LIMITS),
                _additional_pipeline_policies=self._policies,
                **LIMITS,
            )

        return self._client("blobs", make)

    def _open_queue(self, name: str) -> Any:
        from azure.storage.queue import TextBase64DecodePolicy, TextBase64EncodePolicy  # noqa: PLC0415 - as above
        from azure.storage.queue.aio import QueueServiceClient  # noqa: PLC0415 - as above

        def make() -> Any:
            return self._account.open(QueueServiceClient, "queue", self._credential, **LIMITS)

        return self._client("queues", make).get_queue_client(
            name,
            message_encode_policy=TextBase64EncodePolicy(),
            message_decode_policy=TextBase64DecodePolicy(),
        )

    def _client(self, name: str, make: Callable[[], Any]) -> Any:
        here = self._loops.setdefault(asyncio.get_running_loop(), {})
        if name not in here:
            here[name] = make()
        return here[name]
