"""Storage queues by connection setting."""

from __future__ import annotations

import os
from typing import Any

_DEVELOPMENT = (
    "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;"
    "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;"
    "QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1;"
)


class NoConnection(ValueError):  # what is missing
    """The setting that names a storage account isn't set."""


def queue_client(binding: dict[str, Any]) -> Any:
    """Return an asynchronous client of a binding's queue; texts go as they are. Raises NoConnection."""
    from azure.storage.queue.aio import QueueClient  # noqa: PLC0415 - only apps with queues need it

    setting = str(binding.get("connection") or "AzureWebJobsStorage")
    text = os.environ.get(setting) or os.environ.get(f"AzureWebJobs{setting}")
    if not text:
        raise NoConnection(f"queue {binding['queueName']} needs the setting {setting} (a connection string)")
    if text.lower().rstrip(";") == "usedevelopmentstorage=true":
        text = _DEVELOPMENT
    return QueueClient.from_connection_string(text, str(binding["queueName"]), retry_total=1)
