"""Hosts for tests: one per module for the recorded answers, fresh ones for everything that kills them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from e2e.azurite import Azurite, available
from e2e.host import APPS, Host


@pytest.fixture
def devhost(tmp_path: Path) -> Iterator[Callable[..., Host]]:
    """Return a maker of hosts; all of a test share one state directory and are killed at its end."""
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
    """Return a file that functions write to."""
    file = tmp_path / "notes.txt"
    file.touch()
    return file


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the connection string of a running Azurite."""
    if not available():
        pytest.skip("Azurite is not installed: npm install azurite")
    with Azurite(tmp_path_factory.mktemp("azurite")) as running:
        yield running.connection_string


@pytest.fixture
def app_of(tmp_path: Path) -> Callable[..., Path]:
    """Return a maker of apps from the text of function_app.py."""

    def make(code: str, host_json: str = '{"version": "2.0"}') -> Path:
        root = tmp_path / "app"
        root.mkdir(exist_ok=True)
        (root / "host.json").write_text(host_json)
        (root / "function_app.py").write_text(code)
        return root

    return make
