"""`stop_steps`, `complete_run` and `terminate_run`: what they do, in which order, and that twice is once."""

from datetime import UTC, datetime

import pytest

from raincheck.errors import AlreadyStarted, StorageUnavailable
from raincheck.models import CallbackRequest
from raincheck.outcomes import Outcome
from raincheck.payloads import Completion, StopRequest, Termination
from raincheck.service.completion import CompleteRun
from raincheck.service.ports import InstanceStatus
from raincheck.service.runs import RunRow

RUN = "20300101-" + "0" * 32
NOW = datetime(2030, 1, 1, tzinfo=UTC)


class World:
    """Every port of the endings in one: it keeps what was done, in order. `away` fails from there on."""

    def __init__(self) -> None:
        self.acts: list[tuple] = []
        self.rows: dict[str, Outcome] = {}
        self.instances: dict[str, str] = {}
        self.callback: CallbackRequest | None = CallbackRequest(url="https://example.com/")
        self.away = ""
        self.endings = CompleteRun(
            runs=self,
            outcomes=self,
            events=self,
            markers=self,
            outbox=self,
            turns=None,
            status=None,
            unfinished=self,
            orchestrations=self,
        )

    def act(self, *what):
        if what[0] == self.away:
            raise StorageUnavailable("away")
        self.acts.append(what)

    async def get(self, run_id):
        return RunRow(run_id=run_id, flow="f", version=1, created_at=NOW, callback=self.callback)

    async def record(self, run_id, outcome):
        self.act("record", run_id)
        return self.rows.setdefault(run_id, outcome)

    async def close(self, run_id, *, flow, terminal):
        self.act("close", terminal.type)

    async def stop(self, run_id, steps):
        self.act("mark", run_id, list(steps))

    async def tell(self, run, event):
        if run.callback is not None and event in run.callback.events:
            self.act("deliver", event)

    async def remove(self, kind, key):
        self.act("crossed out", key)

    async def start(self, orchestrator, instance_id, payload):
        if ("start", orchestrator, instance_id) in self.acts:
            raise AlreadyStarted
        self.act("start", orchestrator, instance_id)

    async def raise_event(self, instance_id, name, value):
        self.act("raise", instance_id, name, value)
        return True

    async def status(self, instance_id):
        status = self.instances.get(instance_id)
        return status and InstanceStatus(status, NOW, NOW, None, None)

    async def terminate(self, instance_id, reason):
        self.act("terminate", instance_id)
        self.instances[instance_id] = "Terminated"

    async def complete(self, outcome=None, *, owes=(), close_log=False, open_steps=False):
        completion = Completion(
            run_id=RUN,
            flow="f",
            outcome_json=(outcome or Outcome.succeeded(1)).model_dump_json(),
            close_log=close_log,
            owes=list(owes),
            open_steps=open_steps,
        )
        await self.endings.complete(completion)

    async def terminate_run(self):
        return await self.endings.terminate(Termination(run_id=RUN))


@pytest.fixture
def world():
    return World()


async def test_markers_first_then_sub_flows(world):
    """Steps are told through storage, sub-flows by the event with the grace that remains."""
    request = StopRequest(run_id=RUN, steps=[1, 3], flows=[f"{RUN}:1"], grace=4.5)
    await world.endings.stop_steps(request)

    assert world.acts == [("mark", RUN, [1, 3]), ("raise", f"{RUN}:1", "cancel", {"grace": 4.5})]


async def test_nothing_is_marked_where_only_sub_flows_are_stopped(world):
    """No write for nothing."""
    await world.endings.stop_steps(StopRequest(run_id=RUN, steps=[], flows=[], grace=1))

    assert world.acts == []


async def test_the_outcome_row_comes_first(world):
    """Whatever dies afterwards, the run has one outcome."""
    await world.complete(owes=["callback"], close_log=True, open_steps=True)

    assert [act[0] for act in world.acts] == ["record", "close", "deliver", "start", "crossed out"]


@pytest.mark.parametrize("away", ["record", "close", "deliver", "start"])
async def test_nothing_later_is_done_when_something_fails(world, away):
    """The driver calls again, and order matters: no callback before the outcome stands."""
    world.away = away
    with pytest.raises(StorageUnavailable):
        await world.complete(owes=["callback"], close_log=True, open_steps=True)
    done = [act[0] for act in world.acts]

    assert done == ["record", "close", "deliver", "start"][: len(done)]
    assert away not in done


async def test_twice_is_the_same_as_once(world):
    """Activities run at least once."""
    await world.complete(open_steps=True)
    await world.complete(open_steps=True)

    assert [act for act in world.acts if act[0] == "start"] == [("start", "end_run", f"{RUN}:end")]


async def test_the_outcome_that_stands_is_the_one_that_is_told(world):
    """A run that was ended from outside is told as such, whatever its flow proposes later."""
    world.rows[RUN] = Outcome.canceled()
    await world.complete(Outcome.succeeded(1), owes=["callback"], close_log=True)

    assert ("close", "run.canceled") in world.acts
    assert ("deliver", "run.canceled") in world.acts


@pytest.mark.parametrize(
    ("outcome", "events", "told"),
    [
        (Outcome.succeeded(1), ["run.succeeded"], True),
        (Outcome.succeeded(1), ["run.failed"], False),
        (Outcome.failed("c", "m"), ["run.succeeded", "run.failed"], True),
        (Outcome.canceled(), ["run.failed"], False),
    ],
)
async def test_only_events_that_were_asked_for_are_called_back(world, outcome, events, told):
    """A receiver gets what it subscribed to."""
    world.callback = CallbackRequest(url="https://example.com/", events=events)
    await world.complete(outcome, owes=["callback"])

    assert any(act[0] == "deliver" for act in world.acts) is told


async def test_a_run_without_a_callback_row_owes_none(world):
    """Its row may have been cleared away."""
    world.callback = None
    await world.complete(owes=["callback"])

    assert not any(act[0] == "deliver" for act in world.acts)


async def test_no_terminator_without_open_steps(world):
    """The instance ends by itself."""
    await world.complete()

    assert [act[0] for act in world.acts] == ["record"]


async def test_a_family_is_terminated_parents_first_and_depth_first(world):
    """A parent that is still open could start more."""
    for tail in ("", ":1", ":1:1", ":1:2", ":2", ":3"):
        world.instances[RUN + tail] = "Running"
    still_open = await world.terminate_run()

    assert still_open == 6
    assert [act[1].removeprefix(RUN) for act in world.acts] == ["", ":1", ":1:1", ":1:2", ":2", ":3"]


async def test_what_has_ended_is_left_alone_but_not_what_is_below(world):
    """A sub-flow may have ended while one of its own is still open."""
    world.instances = {
        RUN: "Terminated",
        f"{RUN}:1": "Completed",
        f"{RUN}:1:1": "Running",
        f"{RUN}:2": "Failed",
    }
    still_open = await world.terminate_run()

    assert still_open == 1
    assert ("terminate", f"{RUN}:1:1") in world.acts


async def test_what_was_terminated_gets_an_outcome_unless_it_has_one(world):
    """Only where Durable says Terminated: where it says Completed, that output stands."""
    world.instances = {RUN: "Terminated", f"{RUN}:1": "Completed", f"{RUN}:2": "Terminated"}
    world.rows[f"{RUN}:2"] = Outcome.succeeded(5)
    await world.terminate_run()

    assert world.rows == {RUN: Outcome.canceled(), f"{RUN}:2": Outcome.succeeded(5)}


async def test_a_second_pass_finds_nothing_open(world):
    """Which ends the terminator."""
    world.instances = {RUN: "Running", f"{RUN}:1": "Suspended", f"{RUN}:2": "Pending"}

    assert await world.terminate_run() == 3
    assert await world.terminate_run() == 0


async def test_a_run_that_is_gone_has_nothing_open(world):
    """It was purged meanwhile."""
    assert await world.terminate_run() == 0
