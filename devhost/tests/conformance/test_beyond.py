"""What no recording shows but the extension's source says."""

import datetime as dt

import azure.durable_functions as df
import pytest

from conformance.app.activities import ACTIVITIES
from conformance.in_process import InProcessFunctions
from raincheck_devhost.durable.runtime.engine import DurableEngine
from raincheck_devhost.durable.settings import DurableSettings

_LIMIT = 10


def countdown(context):
    left = int(context.get_input())
    yield context.call_activity("echo", left)
    if left:
        context.continue_as_new(left - 1)
        return None
    return "lift-off"


def waits(context):
    return (yield context.wait_for_external_event("go"))


def calls_countdown(context):
    return (yield context.call_sub_orchestrator("countdown", 2, "child"))


def calls_waits(context):
    try:
        return (yield context.call_sub_orchestrator("waits", None, "child"))
    except Exception as error:  # noqa: BLE001 - what the SDK raises
        return str(error).splitlines()[0].strip()


def calls_itself(context):
    yield context.call_sub_orchestrator("waits", None, context.instance_id)


def retries_missing(context):
    yield context.call_activity_with_retry("missing", df.RetryOptions(100, 2))


def drops_a_wait(context):
    timer = context.create_timer(context.current_utc_datetime + dt.timedelta(hours=1))
    first = context.wait_for_external_event("go")
    yield context.task_any([first, timer])
    timer.cancel()
    return (yield context.wait_for_external_event("GO"))


@pytest.fixture
async def client(tmp_path):
    programs = (
        countdown, waits, calls_countdown, calls_waits, calls_itself, retries_missing, drops_a_wait,
    )  # fmt: skip
    functions = InProcessFunctions({each.__name__: each for each in programs}, ACTIVITIES)
    engine = DurableEngine(tmp_path / "state.db", functions, DurableSettings())
    await engine.start()
    yield engine.client
    await engine.stop(0)


async def _ended(client, name):
    await client.start(name, "one", None)
    return await client.wait_for_end("one", _LIMIT)


async def test_a_child_that_continues_as_new(client):
    """The parent gets the result of the last execution."""
    row = await _ended(client, "calls_countdown")
    assert (row.status, row.output) == ("Completed", '"lift-off"')


async def test_a_terminated_child(client):
    """The parent's call fails with the reason as its message."""
    await client.start("calls_waits", "one", None)
    while await client.find("child") is None:
        await client.wait_for_end("child", 1)
    await client.terminate("child", "enough")
    row = await client.wait_for_end("one", _LIMIT)
    assert (row.status, row.output) == ("Completed", '"enough"')


async def test_an_event_for_a_child(client):
    """A child is an instance like any other."""
    await client.start("calls_waits", "one", None)
    while await client.find("child") is None:
        await client.wait_for_end("child", 1)
    await client.raise_event("child", "go", "5")
    assert (await client.wait_for_end("one", _LIMIT)).output == "5"


@pytest.mark.parametrize("name", ["calls_itself", "retries_missing"])
async def test_what_hangs(client, name):
    """A child with the parent's id and a retried call of nothing fail inside the shim: nobody hears of it."""
    await client.start(name, "one", None)
    await client.raise_event("one", "anything", "1")
    row = await client.wait_for_end("one", 0.2)
    history = await client.history("one")
    assert (row.status, [e for e in history if e["EventType"] in (4, 7, 10)]) == ("Running", [])


async def test_names_of_events_ignore_case_in_the_extension_only(client):
    """`go` twice: the extension serves both waits with it, the SDK only the first, so the flow hangs."""
    await client.start("drops_a_wait", "one", None)
    await client.raise_event("one", "go", "1")
    await client.raise_event("one", "go", "2")
    assert (await client.wait_for_end("one", 0.2)).status == "Running"
    await client.raise_event("one", "GO", "3")
    assert (await client.wait_for_end("one", _LIMIT)).output == "3"
