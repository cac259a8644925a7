"""What devhost refuses or warns of, in words that say what to do instead."""

import logging

import azure.durable_functions as df
import httpx
import pytest
from starlette.applications import Starlette

from conformance.app.activities import ACTIVITIES
from conformance.app.orchestrators import ORCHESTRATORS
from conformance.in_process import InProcessFunctions
from raincheck_devhost.durable.http.web import management_routes
from raincheck_devhost.durable.runtime.engine import DurableEngine
from raincheck_devhost.durable.settings import DurableSettings

_BASE = "http://127.0.0.1:7071/runtime/webhooks/durabletask"


def _entity(context):
    yield context.call_entity(df.EntityId("counter", "one"), "add", 1)


@pytest.fixture
async def engine(tmp_path):
    functions = InProcessFunctions({**ORCHESTRATORS, "entity": _entity}, ACTIVITIES)
    engine = DurableEngine(tmp_path / "state.db", functions, DurableSettings())
    await engine.start()
    yield engine
    await engine.stop(0)


@pytest.fixture
async def http(engine):
    transport = httpx.ASGITransport(Starlette(routes=management_routes(engine)))
    async with httpx.AsyncClient(transport=transport) as http:
        yield http


@pytest.mark.parametrize(
    ("orchestrator", "words"),
    [("call_http", "devhost has no durable HTTP"), ("entity", "devhost has no entities")],
)
async def test_what_devhost_lacks(engine, orchestrator, words):
    """Durable HTTP and entities fail the orchestration at once, saying that devhost lacks them."""
    await engine.client.start(orchestrator, "one", None)
    row = await engine.client.wait_for_end("one", 10)
    assert row.status == "Failed"
    assert words in row.output


async def test_rewind(engine, http):
    """A failed instance could be rewound in Azure; here the answer says that it can't."""
    await engine.client.start("boom", "one", None)
    await engine.client.wait_for_end("one", 10)
    answer = await http.post(f"{_BASE}/instances/one/rewind?reason=x")
    assert (answer.status_code, "can't rewind" in answer.text) == (501, True)


async def test_rewind_of_what_has_not_failed(engine, http):
    """As recorded: only what has failed can be rewound."""
    await engine.client.start("noop", "one", None)
    await engine.client.wait_for_end("one", 10)
    answer = await http.post(f"{_BASE}/instances/one/rewind?reason=x")
    expected = (
        "This orchestration has status Completed, but only orchestrations in the "
        '"Failed" state can be rewound.'
    )
    assert (answer.status_code, answer.json()) == (412, expected)


async def test_rewind_of_nothing(http):
    """As recorded, the dollar sign included."""
    answer = await http.post(f"{_BASE}/instances/rew-nope/rewind?reason=x")
    assert (answer.status_code, answer.json()) == (
        404,
        'No orchestration with instance ID "$rew-nope" found.',
    )


async def test_entities_over_http(http):
    """Entity routes say what is missing."""
    answer = await http.get(f"{_BASE}/entities/counter/one")
    assert (answer.status_code, answer.json()) == (501, {"Message": "devhost has no entities"})


async def test_a_hang_is_announced_once(engine, caplog):
    """Azure says nothing when an unregistered activity is called; devhost does, once an instance."""
    with caplog.at_level(logging.ERROR, "devhost.durable"):
        await engine.client.start("missing_activity", "one", None)
        await engine.client.raise_event("one", "anything", "1")
        await engine.client.raise_event("one", "anything", "1")
        await engine.client.terminate("one", None)
        await engine.client.wait_for_end("one", 10)
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == [
        "The activity 'does_not_exist' is not registered"
    ]
