import json
from pathlib import Path
from typing import Any

import pytest

from raincheck_devhost.settings import (
    HostSettings,
    QueueSettings,
    SettingsError,
    apply_local_settings,
    read_host_json,
    resolve,
)


def _read(folder: Path, **given: Any) -> HostSettings:
    (folder / "host.json").write_text(json.dumps({"version": "2.0", **given}))
    return read_host_json(folder)


def test_the_defaults_are_the_hosts(tmp_path: Path) -> None:
    """A host.json with nothing but its version."""
    settings = _read(tmp_path)
    assert (settings.route_prefix, settings.function_timeout) == ("api", 1800.0)
    assert settings.queues == QueueSettings(16, 8, 0.0, 5, 60.0, base64=True)


def test_what_host_json_sets_is_read(tmp_path: Path) -> None:
    """Prefix, headers, time limit and queues."""
    queues = {"batchSize": 4, "visibilityTimeout": "00:00:30", "messageEncoding": "none"}
    http = {"routePrefix": "", "customHeaders": {"X-A": "1"}}
    settings = _read(tmp_path, functionTimeout="-1", extensions={"http": http, "queues": queues})
    assert (settings.route_prefix, settings.custom_headers) == ("", {"X-A": "1"})
    assert settings.function_timeout is None
    assert settings.queues == QueueSettings(4, 2, 30.0, 5, 60.0, base64=False)


def test_local_settings_fill_only_what_is_missing(tmp_path: Path) -> None:
    """The real environment wins, and names, not values, are told."""
    (tmp_path / "local.settings.json").write_text('{"Values": {"A": "file", "B": 2}}')
    environment = {"A": "real"}
    assert apply_local_settings(tmp_path, environment) == ["B"]
    assert environment == {"A": "real", "B": "2"}


def test_encrypted_local_settings_are_refused(tmp_path: Path) -> None:
    """Their values would be wrong without a word."""
    (tmp_path / "local.settings.json").write_text('{"IsEncrypted": true, "Values": {}}')
    with pytest.raises(SettingsError, match="encrypted"):
        apply_local_settings(tmp_path, {})


@pytest.mark.parametrize(("text", "wanted"), [("%A%-x-%B%", "1-x-2"), ("50%", "50%"), ("plain", "plain")])
def test_settings_in_bindings_are_resolved(text: str, wanted: str) -> None:
    """%NAME% stands for the setting's value."""
    assert resolve(text, {"A": "1", "B": "2"}) == wanted
