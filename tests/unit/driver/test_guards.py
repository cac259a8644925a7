"""What a flow must not do is refused with a clear error, whether the flow catches it or not."""

import asyncio
import contextlib
import logging
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from raincheck import Run
from raincheck.driver.guards import line_among
from raincheck.driver.outcomes import outcome_of
from raincheck.errors import FlowBug
from raincheck.testing import play
from tests.unit.driver.forbidden import FORBIDDEN, sleeping
from tests.unit.driver.scripted import Scripted, work
from tests.unit.driver.subflows import inner

FILE = "driver/forbidden.py"


def outcome(body):
    """Give the outcome of a flow of this body."""
    flow = Scripted(body)
    assert flow.driver.ended
    return outcome_of(inner, *flow.driver.result)


@pytest.mark.parametrize("forbidden", FORBIDDEN, ids=lambda function: function.__name__)
def test_it_fails_at_once_and_names_the_line(forbidden):
    """The author finds file, line, and what to do instead in the outcome's message."""

    async def body(run: Run):
        await forbidden()

    error = outcome(body).error

    assert error.code == "not_durable"
    assert "put this into a step" in error.message
    lines = (Path(__file__).parent / "forbidden.py").read_text().splitlines()
    number = int(error.message.partition(f"{FILE}:")[2].partition(".")[0].partition(" ")[0])
    assert "# here" in lines[number - 1]


@pytest.mark.parametrize("forbidden", FORBIDDEN, ids=lambda function: function.__name__)
def test_it_also_fails_where_the_flow_catches_everything(forbidden):
    """A caught refusal would leave a flow that went another way on the next replay."""

    async def body(run: Run):
        with contextlib.suppress(Exception):
            await forbidden()
        return 5

    assert outcome(body).error.code == "not_durable"


def test_nothing_is_guarded_outside_the_driver():
    """Steps, triggers and everything else in the process may do I/O as they like."""
    Scripted(lambda run: asyncio.sleep(0))

    with socket.socket() as made:
        assert made.fileno() > 0
    assert subprocess.run([sys.executable, "-c", ""], check=False).returncode == 0
    time.sleep(0)


def test_other_threads_are_not_guarded():
    """The worker does I/O on other threads while a flow is stepped on this one."""
    errors = []

    def elsewhere():
        try:
            socket.socket().close()
        except BaseException as error:  # noqa: BLE001 - nothing may come
            errors.append(error)

    async def body(run: Run):
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        return 5

    assert outcome(body).result == 5
    assert errors == []


async def test_the_running_loop_is_there_again_after_a_step():
    """The worker's own loop must not notice that a flow was driven on it."""
    Scripted(lambda run: asyncio.sleep(0))

    await asyncio.sleep(0)
    assert asyncio.get_running_loop().is_running()


def test_a_step_called_directly_is_refused_and_says_how():
    """The most natural slip: `await work(1)` instead of `await run.step(work, 1)`."""

    async def body(run: Run):
        await work(1)

    error = outcome(body).error

    assert "run.step(work, …)" in error.message
    assert "test_guards.py:" in error.message


@pytest.mark.parametrize(
    ("module", "named"),
    [
        ("orchestrators.order_laptop", True),
        ("raincheck_devhost.worker", True),
        ("raincheck.run", False),
        ("raincheck", False),
    ],
)
def test_lines_of_the_app_are_named_and_the_librarys_are_not(module, named):
    """The author looks for a line of a flow, not for one of whoever drives it."""
    scope = {"__name__": module, "sys": sys}
    exec(compile("frame = sys._getframe()", "app/orchestrators/order.py", "exec"), scope)

    assert line_among([(scope["frame"], 7)]) == ("orchestrators/order.py:7" if named else "an unknown line")


def test_an_unregistered_step_is_refused():
    """Calling an activity that isn't there hangs in Durable for ever."""

    async def body(run: Run):
        await run.step(work, 1)

    flow = Scripted(body, unknown="work")

    assert isinstance(flow.driver.bug, FlowBug)
    assert "'work' isn't registered" in flow.driver.bug.message
    assert "in orchestrators/ or activities/" in flow.driver.bug.message
    assert "test_guards.py:" in flow.driver.bug.message


@pytest.mark.parametrize("wrong", [work.function, "work", None, inner])
def test_what_is_no_step_is_refused(wrong):
    """A plain function has no retries and no name; the message says what is expected."""

    async def body(run: Run):
        await run.step(wrong, 1)

    assert "run.step takes what @step made" in outcome(body).error.message


def test_logging_in_a_flow_is_allowed():
    """A log line is no I/O of the flow's: it doesn't change what the flow does."""

    async def body(run: Run):
        logging.getLogger("flow").warning("a line")
        run.log("another")
        return 5

    assert outcome(body).result == 5


def test_a_flow_that_fails_is_told_by_class_only():
    """The text of a foreign exception may hold a secret, and where the code lies is nobody's business."""

    async def body(run: Run):
        raise ValueError("password=hunter2")

    error = outcome(body).error

    assert error.code == "flow_error"
    assert "hunter2" not in error.message
    assert error.message.endswith("failed: ValueError.")


def test_play_refuses_the_same():
    """A unit test finds it before the cloud does."""
    assert play(sleeping, 1).outcome.error.code == "not_durable"
