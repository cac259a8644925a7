"""Every setting of the app: read once at the start, checked at once, and handed on as one value."""

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from raincheck.service.settings import values
from raincheck.service.settings.reader import SettingReader

__all__ = ["Settings"]

_LOG = logging.getLogger(__name__)
_AZURITE = "UseDevelopmentStorage=true"
_STORAGE_ENDPOINTS = (
    "AzureWebJobsStorage__blobServiceUri",
    "AzureWebJobsStorage__queueServiceUri",
    "AzureWebJobsStorage__tableServiceUri",
)
_SIGNING_KEYS = (
    "RAINCHECK_SIGNING_KEYS",
    f"keys of {values.MIN_SIGNING_KEY} characters or more, comma-separated, newest first",
    "the output of: openssl rand -hex 32",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the app is told by its environment. Times are in seconds unless the name says otherwise."""

    signing_keys: tuple[str, ...] = field(repr=False)
    """Keys that sign tokens, newest first: the first signs, all are accepted."""
    token_hours: float = 72
    webhook_secrets: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    """By name, newest first, each `whsec_…`."""
    callback_hosts: tuple[str, ...] = ()
    """Host patterns that callbacks may go to, lower case, e.g. `*.example.com`."""
    public_url: str | None = None
    """Base of every URL handed out, without a slash at its end; None: as the request came in."""
    wait_limit: float = 100
    stream_limit: float = 230
    cancel_grace: float = 30
    start_takeover: float = 30
    delivery_scale: float = 1
    retention_days: float = 30
    cors_origins: tuple[str, ...] = ()
    api_keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    """SHA-256 (hex, lower case) by name."""
    async_responses: bool = True
    storage: str | None = field(default=None, repr=False)
    """Connection string of the app's storage; None: by identity, see `storage_account`."""
    storage_account: str | None = None
    """Name of the storage account that a managed identity opens; None where its endpoints are set."""
    development: bool = False
    model_url: str | None = None
    """Base of an OpenAI-compatible endpoint, e.g. `https://models.example.com/v1`."""
    model_key: str | None = field(default=None, repr=False)
    model_name: str | None = None

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> Self:
        """Read the settings; a blank value counts as none.

        Raises:
            ConfigurationError: values are missing or wrong: all of them, a line each, with the name, the
                value's shape and an example. What was given is never repeated.
        """
        read = SettingReader(env)
        development = (read.text("AZURE_FUNCTIONS_ENVIRONMENT") or "").lower() == "development"
        model_url, model_key, model_name = _model(read)
        storage, storage_account = _storage(read, development=development)
        settings = cls(
            development=development,
            signing_keys=_signing_keys(read, development=development),
            token_hours=read.number("RAINCHECK_TOKEN_HOURS", 72, 1e-6, 8760, "hours"),
            webhook_secrets=read.one(
                "RAINCHECK_WEBHOOK_SECRETS",
                values.short_webhook_secrets if development else values.webhook_secrets,
                "name=secret pairs, comma-separated, one of them named default; several secrets of one name, "
                "newest first, are separated by |; a secret is whsec_ and base64 of "
                f"{values.MIN_WEBHOOK_SECRET} bytes or more",
                "default=whsec_ followed by the output of: openssl rand -base64 32",
                default={},
            ),
            callback_hosts=read.each(
                "RAINCHECK_CALLBACK_HOSTS",
                values.host_pattern,
                "host names, comma-separated; a leading *. stands for any name below",
                "hooks.example.com,*.contoso.com",
            ),
            public_url=read.one(
                "RAINCHECK_PUBLIC_URL",
                values.url(plain=development),
                "an https URL (http too in development) without query and fragment",
                "https://agents.example.com",
                default=None,
            ),
            wait_limit=read.number("RAINCHECK_WAIT_LIMIT", 100, 0, 230, "seconds"),
            stream_limit=read.number("RAINCHECK_STREAM_LIMIT", 230, 1, 1740, "seconds"),
            cancel_grace=read.number("RAINCHECK_CANCEL_GRACE", 30, 0, 3600, "seconds"),
            start_takeover=read.number("RAINCHECK_START_TAKEOVER", 30, 30, 3600, "seconds"),
            delivery_scale=read.number("RAINCHECK_DELIVERY_SCALE", 1, 1e-6, 100, "times"),
            retention_days=read.number("RAINCHECK_RETENTION_DAYS", 30, 1e-6, 3650, "days"),
            cors_origins=read.each(
                "RAINCHECK_CORS_ORIGINS",
                values.origin,
                "origins, comma-separated, or *",
                "https://chat.example.com",
            ),
            api_keys=read.one(
                "RAINCHECK_API_KEYS",
                values.key_digests,
                "name=digest pairs, comma-separated; a digest is the key's SHA-256 in hex",
                "bot= followed by the digest that this prints: printf %s KEY | sha256sum",
                default={},
            ),
            async_responses=read.one(
                "RAINCHECK_ASYNC_RESPONSES", values.flag, "on or off", "on", default=True
            ),
            storage=storage,
            storage_account=storage_account,
            model_url=model_url,
            model_key=model_key,
            model_name=model_name,
        )
        read.finish()
        return settings


def _signing_keys(read: SettingReader, *, development: bool) -> tuple[str, ...]:
    name, shape, example = _SIGNING_KEYS
    given = read.text(name)
    keys = read.each(name, values.any_key if development else values.signing_key, shape, example)
    if keys or (given and given.strip(", ")):
        return keys  # what is wrong with them is noted
    if development:
        _LOG.warning("%s is missing: tokens made now are good until this process ends", name)
        return (secrets.token_hex(32),)
    read.problem(name, "is missing", shape, example)
    return keys


def _storage(read: SettingReader, *, development: bool) -> tuple[str | None, str | None]:
    connection, account = read.text("AzureWebJobsStorage"), read.text("AzureWebJobsStorage__accountName")
    endpoints = [read.text(name) for name in _STORAGE_ENDPOINTS]
    if connection or account or all(endpoints):
        return connection, account
    if development:
        return _AZURITE, None
    read.problem(
        "AzureWebJobsStorage",
        "is missing",
        "the connection string of a storage account, or, where an identity opens it, its name in "
        "AzureWebJobsStorage__accountName or its three endpoints in AzureWebJobsStorage__blobServiceUri, "
        "…__queueServiceUri and …__tableServiceUri",
        _AZURITE,
    )
    return None, None


def _model(read: SettingReader) -> tuple[str | None, str | None, str | None]:
    url = read.one(
        "RAINCHECK_MODEL_URL",
        values.url(plain=True),
        "a URL without query and fragment",
        "https://models.example.com/v1",
        default=None,
    )
    key, name = read.text("RAINCHECK_MODEL_KEY"), read.text("RAINCHECK_MODEL_NAME")
    if url and not name:
        read.problem(
            "RAINCHECK_MODEL_NAME", "is missing", "the name of a model of that endpoint", "gpt-5-mini"
        )
    if (key or name) and not read.text("RAINCHECK_MODEL_URL"):
        read.problem(
            "RAINCHECK_MODEL_URL",
            "is missing",
            "the base of an OpenAI-compatible endpoint",
            "https://models.example.com/v1",
        )
    return url, key, name
