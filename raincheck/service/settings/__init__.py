"""Every setting of the app: read once at the start, checked at once, and handed on as one value."""

import logging
import secrets
from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from raincheck.errors import ConfigurationError
from raincheck.service.settings import values
from raincheck.service.settings.form import Form, number
from raincheck.service.settings.storage_setting import missing_storage
from raincheck.service.settings.webhook_secrets import (
    MIN_WEBHOOK_SECRET,
    WebhookSecret,
    read_secrets,
    read_short_secrets,
)

__all__ = ["NOWHERE", "Settings"]

NOWHERE = "http://localhost"
"""The base of URLs where neither a setting nor the platform tells one: nobody's word."""
_LOG = logging.getLogger(__name__)


class Settings(BaseModel):
    """What the app is told by its environment. Times are in seconds unless the name says otherwise."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        validate_by_name=True,
        validate_default=True,
        hide_input_in_errors=True,
        loc_by_alias=False,
    )

    development: Annotated[bool, Form(values.development, "Development, or none")] = Field(
        default=False, validation_alias="AZURE_FUNCTIONS_ENVIRONMENT"
    )
    """The first field: forms of the others ask for it."""
    signing_keys: Annotated[
        tuple[str, ...],
        Form(
            values.each(values.signing_key),
            f"keys of {values.MIN_SIGNING_KEY} characters or more, comma-separated, newest first",
            "the output of: openssl rand -hex 32",
            development=values.items,
        ),
    ] = Field(default=(), validation_alias="RAINCHECK_SIGNING_KEYS", repr=False)
    """Keys that sign tokens, newest first: the first signs, all are accepted. Never empty."""
    token_hours: Annotated[float, number("hours", 1e-6, 8760)] = Field(
        default=72, validation_alias="RAINCHECK_TOKEN_HOURS"
    )
    callback_hosts: Annotated[
        tuple[str, ...],
        Form(
            values.each(values.host_pattern),
            "host names, comma-separated; a leading *. stands for any name below",
            "hooks.example.com,*.contoso.com",
        ),
    ] = Field(default=(), validation_alias="RAINCHECK_CALLBACK_HOSTS")
    """Host patterns that callbacks may go to, lower case, e.g. `*.example.com`."""
    webhook_secrets: Annotated[
        Mapping[str, WebhookSecret],
        Form(
            read_secrets,
            "name@hosts=secret items, comma-separated, one of the names default; hosts, separated by ;, are "
            "those that the name signs for (without any: this machine, in development only); several secrets "
            "of one name, newest first, are separated by |; a secret is whsec_ and base64 of "
            f"{MIN_WEBHOOK_SECRET} bytes or more",
            "default@hooks.example.com;*.contoso.com=whsec_ and the output of: openssl rand -base64 32",
            development=read_short_secrets,
        ),
    ] = Field(default_factory=dict, validation_alias="RAINCHECK_WEBHOOK_SECRETS", repr=False)
    public_url: Annotated[
        str | None,
        Form(
            values.https_url,
            "an https URL (http too in development) without query and fragment",
            "https://agents.example.com",
            development=values.url,
        ),
    ] = Field(default=None, validation_alias="RAINCHECK_PUBLIC_URL")
    """Base of every URL handed out, without a slash at its end; None: see `own_url`."""
    wait_limit: Annotated[float, number("seconds", 0, 230)] = Field(
        default=100, validation_alias="RAINCHECK_WAIT_LIMIT"
    )
    stream_limit: Annotated[float, number("seconds", 1, 1740)] = Field(
        default=230, validation_alias="RAINCHECK_STREAM_LIMIT"
    )
    cancel_grace: Annotated[float, number("seconds", 0, 3600)] = Field(
        default=30, validation_alias="RAINCHECK_CANCEL_GRACE"
    )
    start_takeover: Annotated[float, number("seconds", 30, 3600)] = Field(
        default=30, validation_alias="RAINCHECK_START_TAKEOVER"
    )
    delivery_scale: Annotated[float, number("times", 1e-6, 100)] = Field(
        default=1, validation_alias="RAINCHECK_DELIVERY_SCALE"
    )
    retention_days: Annotated[float, number("days", 1e-6, 3650)] = Field(
        default=30, validation_alias="RAINCHECK_RETENTION_DAYS"
    )
    cors_origins: Annotated[
        tuple[str, ...],
        Form(values.each(values.origin), "origins, comma-separated, or *", "https://chat.example.com"),
    ] = Field(default=(), validation_alias="RAINCHECK_CORS_ORIGINS")
    api_keys: Annotated[
        Mapping[str, str],
        Form(
            values.key_digests,
            "name=digest pairs, comma-separated; a digest is the key's SHA-256 in hex",
            "bot= followed by the digest that this prints: printf %s KEY | sha256sum",
        ),
    ] = Field(default_factory=dict, validation_alias="RAINCHECK_API_KEYS", repr=False)
    """SHA-256 (hex, lower case) by name."""
    async_responses: Annotated[bool, Form(values.flag, "on or off", "on")] = Field(
        default=True, validation_alias="RAINCHECK_ASYNC_RESPONSES"
    )
    site: Annotated[str | None, Form(values.host_name, "a host name", "myapp.azurewebsites.net")] = Field(
        default=None, validation_alias="WEBSITE_HOSTNAME"
    )
    """The host name of the app, as the platform has it."""
    app_service_auth: Annotated[bool, Form(values.flag, "on or off", "on")] = Field(
        default=False, validation_alias="RAINCHECK_APP_SERVICE_AUTH"
    )
    """Whether App Service authentication stands in front, so that its headers are the platform's own."""

    @property
    def own_url(self) -> str | None:
        """Base of every URL handed out; None: as the request came in, which only development believes."""
        if self.public_url or self.development:
            return self.public_url
        if not self.site:
            return NOWHERE
        here = self.site.partition(":")[0] in {"localhost", "127.0.0.1"}  # a host on this machine has no TLS
        return f"{'http' if here else 'https'}://{self.site}"

    @field_validator("signing_keys")
    @classmethod
    def _never_without(cls, keys: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if keys:
            return keys
        if not info.data["development"]:
            raise ValueError("is missing")
        _LOG.warning("RAINCHECK_SIGNING_KEYS is missing: tokens made now are good until this process ends")
        return (secrets.token_hex(32),)

    @field_validator("webhook_secrets")
    @classmethod
    def _bound_to_hosts(
        cls, secrets: Mapping[str, WebhookSecret], info: ValidationInfo
    ) -> Mapping[str, WebhookSecret]:
        callbacks = info.data.get("callback_hosts")  # None where they are wrong themselves
        bound = all(secret.hosts for secret in secrets.values())
        if callbacks and not bound and not info.data["development"]:
            raise ValueError(
                "has a name without hosts, whose callbacks nobody would sign: put @ and them behind it"
            )
        return secrets

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> Self:
        """Read the settings; a blank value counts as none.

        Raises:
            ConfigurationError: values are missing or wrong: all of them, a line each, with the name, the
                value's shape and an example. The values are never repeated.
        """
        names = [str(field.validation_alias) for field in cls.model_fields.values()]
        texts = {name: text for name in names if (text := env.get(name, "").strip())}
        problems = missing_storage(env)
        try:
            settings = cls.model_validate(texts)
        except ValidationError as error:
            problems += _problems(error)
        if problems:
            raise ConfigurationError("\n".join(["The settings are not complete or not right:", *problems]))
        return settings


def _problems(error: ValidationError) -> list[str]:
    problems = []
    for each in error.errors(include_url=False, include_input=False):
        field = Settings.model_fields[str(each["loc"][0])]
        form = next(form for form in field.metadata if isinstance(form, Form))
        example = form.example or f"{field.default:g}"
        what = each["msg"].removeprefix("Value error, ")
        problems.append(f"{field.validation_alias} {what}. Expected: {form.shape}. Example: {example}")
    return problems
