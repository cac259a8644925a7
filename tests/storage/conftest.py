"""One Azurite for the session; every test has tables and blobs of its own by the run ids it makes."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest

from adapters.storage import Storage
from raincheck.runids import new_run_id
from tests.azurite import Azurite, available


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the connection string of a running Azurite."""
    if not available():
        pytest.skip("Azurite is not installed: npm ci")
    with Azurite(tmp_path_factory.mktemp("azurite")) as running:
        yield running.connection_string


@pytest.fixture
async def storage(azurite: str) -> AsyncIterator[Storage]:
    """Give clients of the running Azurite, closed afterwards."""
    clients = Storage.from_connection_string(azurite)
    yield clients
    await clients.close()


@pytest.fixture
def run_id() -> str:
    """Give the id of a run that no other test has."""
    return new_run_id(datetime.now(UTC))
