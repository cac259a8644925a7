import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from e2e.host import APPS, DURABLE, Host

_KEYS = {"master": "mm", "host": {"default": "hh"}, "system": {"durabletask_extension": "ss"}}


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """Start a host of the durable app that enforces keys."""
    folder: Path = tmp_path_factory.mktemp("keyed")
    (folder / "keys.json").write_text(json.dumps(_KEYS))
    options = ("--no-watch", "--workers", "0", "--keys", str(folder / "keys.json"))
    with Host(APPS / "durable", folder / "state", *options) as host:
        yield host


@pytest.mark.parametrize(("key", "status"), [(None, 401), ("x", 401), ("hh", 403), ("ss", 200), ("mm", 200)])
def test_durable_webhooks_open_with_system_or_master_key(keyed: Host, key: str | None, status: int) -> None:
    """As recorded: 401 without, 403 with a function key."""
    query = f"?code={key}" if key else ""
    assert keyed.get(f"{DURABLE}/instances{query}").status_code == status


def test_the_links_of_a_start_carry_the_system_key(keyed: Host) -> None:
    """A status URL from the SDK's own response works as it is."""
    answer = keyed.post("/api/start/chain", json={"steps": 1})
    assert answer.status_code == 202
    assert httpx.get(answer.headers["location"], timeout=10).status_code in (200, 202)


def test_the_log_holds_no_key(keyed: Host) -> None:
    """Neither those of requests nor those of links."""
    keyed.get(f"{DURABLE}/instances/nobody?code=ss")
    keyed.says("instances/nobody?code=…")
    assert "code=ss" not in keyed.output
