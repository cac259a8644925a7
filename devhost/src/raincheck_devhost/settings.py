"""What host.json and local.settings.json set."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from raincheck_devhost.durable.settings import DurableSettings, time_span_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping
    from pathlib import Path

_LEVELS = {
    "trace": "DEBUG",
    "debug": "DEBUG",
    "information": "INFO",
    "warning": "WARNING",
    "error": "ERROR",
    "critical": "CRITICAL",
    "none": "CRITICAL",
}


class SettingsError(ValueError):
    """A settings file can't be used; the message names the file and what is wrong with it."""


@dataclass(frozen=True)
class QueueSettings:
    """host.json `extensions.queues`; times in seconds. `batch_size` messages are fetched at a time."""

    batch_size: int = 16
    new_batch_threshold: int = 8
    visibility_seconds: float = 0.0
    max_dequeue_count: int = 5
    max_polling_seconds: float = 60.0
    base64: bool = True


@dataclass(frozen=True)
class HostSettings:
    """What of host.json devhost knows. `function_timeout` is in seconds, None for no limit."""

    route_prefix: str = "api"
    custom_headers: dict[str, str] = field(default_factory=dict)
    function_timeout: float | None = 1800.0
    log_level: str = "INFO"
    queues: QueueSettings = field(default_factory=QueueSettings)
    raw: dict[str, Any] = field(default_factory=dict)


def read_host_json(root: Path) -> HostSettings:
    """Read `root`/host.json. Raises SettingsError if it is missing or can't be used."""
    file = root / "host.json"
    raw = _read_object(file)
    if str(raw.get("version")) != "2.0":
        raise SettingsError(f'{file}: "version" has to be "2.0"')
    extensions = raw.get("extensions") or {}
    http = extensions.get("http") or {}
    level = ((raw.get("logging") or {}).get("logLevel") or {}).get("default", "Information")
    try:
        DurableSettings.from_host_json(raw)  # the hub reads it later; what is wrong is said now
        return HostSettings(
            route_prefix=str(http.get("routePrefix", "api")).strip("/"),
            custom_headers={
                str(name): str(value) for name, value in (http.get("customHeaders") or {}).items()
            },
            function_timeout=_timeout(raw.get("functionTimeout")),
            log_level=_LEVELS.get(str(level).lower(), "INFO"),
            queues=_queues(extensions.get("queues") or {}),
            raw=raw,
        )
    except ValueError as error:
        raise SettingsError(f"{file}: {error}") from None


def apply_local_settings(root: Path, environment: MutableMapping[str, str]) -> list[str]:
    """Add the values of local.settings.json that the environment lacks; return the names that were added.

    The real environment wins, as with Core Tools. Raises SettingsError for a file that can't be used.
    """
    file = root / "local.settings.json"
    if not file.is_file():
        return []
    raw = _read_object(file)
    if raw.get("IsEncrypted"):
        raise SettingsError(f"{file} is encrypted: decrypt it with `func settings decrypt` or leave it away")
    values = raw.get("Values") or {}
    added = [name for name in values if name not in environment]
    environment.update({name: str(values[name]) for name in added})
    return added


def worker_environment(port: int, root: Path, *, shows_broken: bool = True) -> dict[str, str]:
    """Return the environment of the app's processes: this one's and what the host adds.

    `shows_broken` tells an app that would answer in its own way where it can't start to raise instead.
    """
    own = {
        "FUNCTIONS_WORKER_RUNTIME": "python",
        "AZURE_FUNCTIONS_ENVIRONMENT": "Development",
        "WEBSITE_HOSTNAME": f"localhost:{port}",
        "AzureWebJobsScriptRoot": str(root),
        "PYTHONUNBUFFERED": "1",
    }
    if shows_broken:
        own["DEVHOST_BROKEN_APP"] = "raise"
    return {**own, **os.environ}


def resolve(text: str, environment: Mapping[str, str]) -> str:
    """Replace every %NAME% by the setting's value. Raises SettingsError for one that isn't set."""
    parts = text.split("%")
    if len(parts) % 2 == 0:
        return text
    for at in range(1, len(parts), 2):
        if parts[at] not in environment:
            raise SettingsError(f"{text!r} needs the setting {parts[at]}, which isn't set")
        parts[at] = environment[parts[at]]
    return "".join(parts)


def _read_object(file: Path) -> dict[str, Any]:
    try:
        raw = json.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise SettingsError(f"{file} does not exist: a function app has a host.json in its root") from None
    except ValueError as error:
        raise SettingsError(f"{file} is not JSON: {error}") from None
    if not isinstance(raw, dict):
        raise SettingsError(f"{file} has to hold an object")
    return raw


def _timeout(text: Any) -> float | None:
    if text is None:
        return HostSettings.function_timeout
    return None if str(text) == "-1" else time_span_seconds(str(text))


def _queues(section: dict[str, Any]) -> QueueSettings:
    batch = int(section.get("batchSize", QueueSettings.batch_size))
    return QueueSettings(
        batch_size=batch,
        new_batch_threshold=int(section.get("newBatchThreshold", batch // 2)),
        visibility_seconds=time_span_seconds(str(section.get("visibilityTimeout", "00:00:00"))),
        max_dequeue_count=int(section.get("maxDequeueCount", QueueSettings.max_dequeue_count)),
        max_polling_seconds=time_span_seconds(str(section.get("maxPollingInterval", "00:01:00"))),
        base64=str(section.get("messageEncoding", "base64")).lower() != "none",
    )
