"""One Azurite for the session; every test has tables and blobs of its own by the run ids it makes."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from raincheck.adapters.event_log import BlobEventLog
from raincheck.adapters.storage import Storage
from raincheck.run_ids import new_run_id
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


@pytest.fixture
async def open_log(azurite: str) -> AsyncIterator[Callable[..., BlobEventLog]]:
    """Give a factory of logs, each with clients of its own, as another process would have."""
    opened: list[Storage] = []

    def make(*policies: Any, **options: Any) -> BlobEventLog:
        opened.append(Storage.from_connection_string(azurite, policies=policies))
        return BlobEventLog(opened[-1], lambda: datetime.now(UTC), **options)

    yield make
    for clients in opened:
        await clients.close()


@pytest.fixture
def log(open_log: Callable[..., BlobEventLog]) -> BlobEventLog:
    """Give an event log as the app has it."""
    return open_log()
