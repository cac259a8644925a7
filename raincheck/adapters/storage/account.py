"""Which storage account, and how to sign in to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from raincheck.errors import ConfigurationError

__all__ = ["Account"]

_SETTING = "AzureWebJobsStorage"
_KINDS = ("blob", "queue", "table")
_SHAPE = (
    f"{_SETTING} must be a storage connection string, e.g. UseDevelopmentStorage=true, "
    f"or {_SETTING}__accountName the name of an account that the app's identity may use, e.g. mystorage."
)


@dataclass(frozen=True, slots=True)
class Account:
    """A storage account: by connection string, or by its endpoints and the app's identity."""

    connection_string: str = field(default="", repr=False)
    endpoints: Mapping[str, str] = field(default_factory=dict)
    client_id: str | None = None

    @classmethod
    def from_settings(cls, settings: Mapping[str, str]) -> Self:
        """Read what the Functions host reads: `AzureWebJobsStorage` or its `__` settings.

        Raises:
            ConfigurationError: none is set, or the connection string has not the shape of one.
        """
        if text := settings.get(_SETTING, "").strip():
            return cls.from_connection_string(text)
        name = settings.get(f"{_SETTING}__accountName", "").strip()
        endpoints = {
            kind: settings.get(f"{_SETTING}__{kind}ServiceUri", "").strip()
            or (f"https://{name}.{kind}.core.windows.net" if name else "")
            for kind in _KINDS
        }
        if not all(endpoints.values()):
            raise ConfigurationError(f"No storage account is set. {_SHAPE}")
        return cls(endpoints=endpoints, client_id=settings.get(f"{_SETTING}__clientId", "").strip() or None)

    @classmethod
    def from_connection_string(cls, text: str) -> Self:
        """Check the shape only: whether the account answers is seen by its first call.

        Raises:
            ConfigurationError: it has not the shape of one. The text, which holds a key, is not repeated.
        """
        parts = dict(part.partition("=")[::2] for part in text.strip().rstrip(";").split(";"))
        names = {name.strip().lower() for name, value in parts.items() if value}
        if "usedevelopmentstorage" in names or {"accountname", "accountkey"} <= names:
            return cls(connection_string=text.strip())
        if "sharedaccesssignature" in names and {f"{kind}endpoint" for kind in _KINDS} <= names:
            return cls(connection_string=text.strip())
        raise ConfigurationError(f"The storage connection string can't be read. {_SHAPE}")

    def sign_in(self) -> Any:
        """Return the credential of the app's identity, or None where the connection string has the key."""
        if self.connection_string:
            return None
        from azure.identity.aio import DefaultAzureCredential  # noqa: PLC0415 - 180 ms, only for identities

        from raincheck.adapters.storage.credential import PatientCredential  # noqa: PLC0415 - as above

        return PatientCredential(DefaultAzureCredential(managed_identity_client_id=self.client_id))

    def open(self, service: Any, kind: str, credential: Any, **options: Any) -> Any:
        """Build the SDK's client `service` for `kind` (blob, queue, table)."""
        if self.connection_string:
            return service.from_connection_string(self.connection_string, **options)
        return service(self.endpoints[kind], credential=credential, **options)
