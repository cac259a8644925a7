"""A real host, real HTTP and a real Azurite, started once: `pytest tests/e2e --host dev|func|URL`.

With a URL the tests run against that app, those that need flows, keys or settings of their own are skipped.
"""

import json
from pathlib import Path

import httpx
import pytest

from tests.azurite import Azurite
from tests.e2e.hosts import copy_of_app, running_host

FUNCTION_KEY, MASTER_KEY = "e2e-function-key", "e2e-master-key"
HERE = Path(__file__).parent


def pytest_addoption(parser):
    parser.addoption(
        "--host", default="dev", help="dev, func, or the URL of a running app, e.g. http://h:7071"
    )
    parser.addoption(
        "--times", type=int, default=20, help="how often races are run; 100 shows them for certain"
    )
    parser.addoption("--cases", type=int, default=2000, help="how many generated requests are made")
    parser.addoption("--seed", type=int, default=1, help="which ones")
    parser.addoption("--record", action="store_true", help="write docs/responses.md anew")


def pytest_collection_modifyitems(items):
    """Let these tests take their time: processes start, and durable timers have whole seconds."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.timeout(180))


@pytest.fixture(scope="session")
def host_option(request):
    return request.config.getoption("--host", default="dev")  # as in a run over all of tests/


@pytest.fixture(scope="session")
def times(request):
    """How often a race is run."""
    return request.config.getoption("--times", default=20)


@pytest.fixture(scope="session")
def azurite(tmp_path_factory):
    with Azurite(tmp_path_factory.mktemp("azurite")) as azurite:
        yield azurite


@pytest.fixture(scope="session")
def running(host_option, tmp_path_factory):
    """Start hosts, each with settings of its own, for as long as a test wants."""
    if host_option not in {"dev", "func"}:
        pytest.skip("needs a host of its own, not a URL")

    def start(azurite, app, **options):
        folder = tmp_path_factory.mktemp("host")
        return running_host(host_option, app=app, folder=folder, storage=azurite.connection_string, **options)

    return start


@pytest.fixture(scope="session")
def app(tmp_path_factory):
    """The app as it stands."""
    return copy_of_app(tmp_path_factory.mktemp("app"))


@pytest.fixture(scope="session")
def url(request, host_option):
    """Base of the API of the app as it stands, e.g. `http://127.0.0.1:7071/api`."""
    if host_option not in {"dev", "func"}:
        yield f"{host_option.rstrip('/')}/api"
        return
    running, azurite, app = (request.getfixturevalue(name) for name in ("running", "azurite", "app"))
    with running(azurite, app) as base:
        yield base


@pytest.fixture(scope="session")
def trial_url(running, azurite, tmp_path_factory):
    """Base of the API of the app with the flows of `tests/e2e/orchestrators`."""
    with running(azurite, copy_of_app(tmp_path_factory.mktemp("trial"), HERE / "orchestrators")) as base:
        yield base


@pytest.fixture(scope="session")
def keyed_url(running, azurite, app, host_option, tmp_path_factory):
    """Base of the API of a host that enforces keys."""
    if host_option != "dev":
        pytest.skip("Core Tools leave keys open")
    keys = tmp_path_factory.mktemp("keys") / "keys.json"
    keys.write_text(json.dumps({"master": MASTER_KEY, "host": {"default": FUNCTION_KEY}}))
    with running(azurite, app, keys=keys) as base:
        yield base


@pytest.fixture
async def api(url):
    """A client of the app, with paths below `/api`."""
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        yield client


@pytest.fixture
async def trial(trial_url):
    """A client of the app with the trial flows."""
    async with httpx.AsyncClient(base_url=trial_url, timeout=60) as client:
        yield client
