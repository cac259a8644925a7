"""Hosts for tests: one per module for the recorded answers, fresh ones for everything that kills them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.azurite import Azurite, available
from tests.devhost.host import APPS, Host


@pytest.fixture
def devhost(tmp_path: Path) -> Iterator[Callable[..., Host]]:
    """Give a maker of hosts; all of a test share one state directory and are killed at its end."""
    made: list[Host] = []

    def make(app: str | Path, *options: str, **environment: str) -> Host:
        root = APPS / app if isinstance(app, str) else app
        made.append(Host(root, tmp_path / "state", *options, environment=environment))
        return made[-1]

    yield make
    for host in made:
        host.__exit__(None, None, None)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """Give a file that functions write to."""
    file = tmp_path / "notes.txt"
    file.touch()
    return file


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the connection string of a running Azurite."""
    if not available():
        pytest.skip("Azurite is not installed: npm ci")
    with Azurite(tmp_path_factory.mktemp("azurite")) as running:
        yield running.connection_string


@pytest.fixture
def app_of(tmp_path: Path) -> Callable[..., Path]:
    """Give a maker of apps from the text of function_app.py."""

    def make(code: str, host_json: str = '{"version": "2.0"}') -> Path:
        root = tmp_path / "app"
        root.mkdir(exist_ok=True)
        (root / "host.json").write_text(host_json)
        (root / "function_app.py").write_text(code)
        return root

    return make
