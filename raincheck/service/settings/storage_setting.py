"""Whether storage is set. What is set is read by the adapters of storage, as the Functions host reads it."""

from collections.abc import Mapping

__all__ = ["missing_storage"]

_ENDPOINTS = tuple(f"AzureWebJobsStorage__{kind}ServiceUri" for kind in ("blob", "queue", "table"))
_MISSING = (
    "AzureWebJobsStorage is missing. Expected: the connection string of a storage account, or, where an "
    "identity opens it, its name in AzureWebJobsStorage__accountName or its three endpoints in "
    "AzureWebJobsStorage__blobServiceUri, …__queueServiceUri and …__tableServiceUri. "
    "Example: UseDevelopmentStorage=true"
)


def missing_storage(env: Mapping[str, str]) -> list[str]:
    """Return what to say where no storage is set; nothing where one is, by string, name or endpoints."""

    def given(name: str) -> bool:
        return bool(env.get(name, "").strip())

    ways = (
        given("AzureWebJobsStorage"),
        given("AzureWebJobsStorage__accountName"),
        all(map(given, _ENDPOINTS)),
    )
    return [] if any(ways) else [_MISSING]
