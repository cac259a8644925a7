"""`run.durable`: tasks of Durable's own, and the ones that can't be waited for."""

from datetime import timedelta

import azure.durable_functions as df
import pytest

from raincheck import Run, flow
from tests.durable.driven import Driven, work

SOON = timedelta(hours=1)


def driven(make, **more):
    """Run a flow that awaits what `make` makes of the context."""

    @flow
    async def awaiting(run: Run, number: int) -> object:
        return await run.durable(make(run.context))

    return Driven(awaiting, functions=("other",), **more)


def test_an_activity_of_the_app():
    """One that isn't a step, e.g. of an older app."""
    run = driven(lambda c: c.call_activity("other", {"a": 1}))
    run.end("other", result={"b": [2]})

    assert run.output["result"] == {"b": [2]}


def test_an_activity_that_fails_is_an_error_without_its_text():
    """Its text is kilobytes of stack traces, and may hold anything."""
    run = driven(lambda c: c.call_activity("other", 1))
    run.fail("other", "secret")

    assert run.output["error"]["code"] == "task_failed"
    assert "secret" not in str(run.output)


def test_a_sub_orchestration():
    """Under the id that the flow gives it."""
    run = driven(lambda c: c.call_sub_orchestrator("other", 1, "x:abc"))
    run.end("flow abc", result=5)

    assert run.output["result"] == 5


@pytest.mark.parametrize("twice", [True, False])
@pytest.mark.parametrize("value", [{"by": "Ada"}, None, 1, "x", [1, 2], True])
def test_an_external_event(value, twice):
    """The SDK's client encodes it twice, HTTP once: the flow sees the same."""
    run = driven(lambda c: c.wait_for_external_event("approval"))
    run.raise_event("approval", value, twice=twice)

    assert run.output["result"] == value


def test_a_timer():
    """Of less than three days."""
    run = driven(lambda c: c.create_timer(c.current_utc_datetime + SOON))
    run.fire()

    assert run.output["status"] == "Succeeded"


def test_task_all():
    """A fan-out made with Durable's own means."""
    run = driven(lambda c: c.task_all([c.call_activity("other", n) for n in range(3)]))
    for n in range(3):
        run.end("other", result=n)

    assert run.output["result"] == [0, 1, 2]


def test_task_any_beside_a_step():
    """A race made with Durable's own means, inside a gather."""

    @flow
    async def both(run: Run, number: int) -> object:
        c = run.context
        race = c.task_any([c.wait_for_external_event("a"), c.call_activity("other", 1)])
        winner, done = await run.gather(run.durable(race), run.step(work, number))
        return [winner.result, done]

    run = Driven(both, 1, functions=("other",))
    run.do("work 1")
    run.end("other", result=7)

    assert run.output["result"] == [7, 1]


def test_nested_compounds():
    """All of all, with an event inside, decoded like any other."""

    def make(c):
        pair = c.task_all([c.call_activity("other", 1), c.wait_for_external_event("e")])
        return c.task_all([pair, c.create_timer(c.current_utc_datetime + SOON)])

    run = driven(make)
    run.raise_event("e", "x")
    run.end("other", result=1)
    run.fire()

    assert run.output["result"] == [[1, "x"], None]


def test_a_timer_that_lost_is_cancelled_at_the_end():
    """Otherwise the instance stays Running until it fires, maybe for days."""
    run = driven(
        lambda c: c.task_any([c.call_activity("other", 1), c.create_timer(c.current_utc_datetime + SOON)])
    )
    run.end("other", result=1)

    assert run.done
    assert run.completed


def test_an_activity_that_lost_is_awaited_for_the_grace_period():
    """The orchestration can't complete before it has ended, so a terminator must."""

    @flow
    async def losing(run: Run, number: int) -> int:
        c = run.context
        await run.durable(c.task_any([c.call_activity("other", 1), c.wait_for_external_event("e")]))
        return number

    run = Driven(losing, 5, functions=("other",))
    run.raise_event("e", 1)
    assert run.labels == ["other", "timer"]
    run.fire()
    assert run.find("complete_run").input["open_steps"]
    run.end("complete_run")

    assert run.output["result"] == 5


def test_an_activity_that_lost_and_ends_is_no_longer_awaited():
    """The run ends with it."""

    @flow
    async def losing(run: Run, number: int) -> int:
        c = run.context
        await run.first(run.durable(c.call_activity("other", 1)), run.step(work, number))
        return number

    run = Driven(losing, 5, functions=("other",))
    run.do("work 5")
    assert not run.done
    run.end("other", result=1)

    assert run.completed
    assert run.all_labels == ["other", "work 5", "timer"]


def test_one_wait_object_may_be_used_in_several_races():
    """A deadline for a whole loop is one timer."""

    @flow
    async def looping(run: Run, count: int) -> int:
        deadline = run.context.create_timer(run.context.current_utc_datetime + SOON)
        for n in range(count):
            if (await run.first(run.step(work, n), run.durable(deadline))).which == 1:
                return n
        return count

    run = Driven(looping, 3)
    run.do("work 0")
    run.do("work 1")
    assert run.labels == ["timer", "work 2"]
    run.fire()
    run.end("stop_steps")
    run.report("work 2", kind="stopped")

    assert run.output["result"] == 2
    assert run.completed


RETRY = df.RetryOptions(5_000, 3)
REFUSED = {
    "an activity with retry": lambda c: c.call_activity_with_retry("other", RETRY, 1),
    "a sub-orchestration with retry": lambda c: c.call_sub_orchestrator_with_retry("other", RETRY, 1),
    "durable HTTP": lambda c: c.call_http("GET", "http://127.0.0.1/"),
    "an entity": lambda c: c.call_entity(df.EntityId("counter", "x"), "get"),
    "a timer of three days": lambda c: c.create_timer(c.current_utc_datetime + timedelta(days=3)),
    "a timer of thirty days": lambda c: c.create_timer(c.current_utc_datetime + timedelta(days=30)),
    "an unknown activity": lambda c: c.call_activity("nobody", 1),
    "an unknown orchestrator": lambda c: c.call_sub_orchestrator("nobody", 1),
    "the event cancel": lambda c: c.wait_for_external_event("cancel"),
    "a retry inside task_all": lambda c: c.task_all([c.call_activity_with_retry("other", RETRY, 1)]),
    "one event twice": lambda c: c.task_any([c.wait_for_external_event("e"), c.wait_for_external_event("e")]),
    "no task": lambda c: 5,
    "nothing": lambda c: None,
    "a coroutine function": lambda c: driven,
}


@pytest.mark.parametrize("make", REFUSED.values(), ids=REFUSED.keys())
def test_what_would_hang_or_break_replay_is_refused(make):
    """At once, as a bug of the flow, and nothing of it is scheduled."""
    run = driven(make)

    assert run.completed
    assert run.output["status"] == "Failed"
    assert run.output["error"]["code"] == "flow_bug"
    assert run.all_labels == []


def test_a_refusal_that_is_caught_ends_the_run_all_the_same():
    """A flow can't go on as if nothing had been."""

    @flow
    async def catching(run: Run, number: int) -> int:
        try:
            await run.durable(5)
        except Exception:  # noqa: BLE001 - what careless flows do
            return 1
        return 2

    assert Driven(catching).output["error"]["code"] == "flow_bug"
