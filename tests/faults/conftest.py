"""Storage and hosts that can be taken away. Hosts are killed; Azurite is only ever asked to end."""

from pathlib import Path

import httpx
import pytest

from tests.azurite import Azurite
from tests.e2e.hosts import copy_of_app
from tests.faults.host import KillableHost

FLOWS = Path(__file__).parents[1] / "e2e" / "orchestrators"


def pytest_collection_modifyitems(items):
    """Processes start and end here, and durable timers have whole seconds."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(240))


@pytest.fixture
def storage(tmp_path):
    """An Azurite of its own: this test may stop it."""
    with Azurite(tmp_path / "azurite") as azurite:
        yield azurite


@pytest.fixture
def host(tmp_path, storage):
    """A host with the trial flows, not started yet."""
    app = copy_of_app(tmp_path / "app", FLOWS)
    host = KillableHost(app, tmp_path, storage.connection_string, RAINCHECK_DELIVERY_SCALE="0.01")
    yield host
    host.stop()


@pytest.fixture
def call(host):
    """A client of the host."""
    with httpx.Client(base_url=host.url, timeout=60) as client:
        yield client
