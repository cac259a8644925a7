"""The world that the faces need, in memory, and a time that only tests move."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, Field

from raincheck.errors import StorageUnavailable
from raincheck.events import START, Position
from raincheck.flow import Flow, flow
from raincheck.outcomes import Outcome
from raincheck.payloads import CustomStatus
from raincheck.registry import Registry
from raincheck.run import Run
from raincheck.service.keys import Copies
from raincheck.service.ports import InstanceStatus, UnfinishedRow
from raincheck.service.runs import RunPage, RunRow
from raincheck.service.settings import Settings
from raincheck.service.turns import Turns
from raincheck.service.use_cases import UseCases, Wiring
from raincheck.web.scope import USE_CASES
from tests.unit.web.apps_once import apps_of
from tests.unit.web.fake_answers import FakeAnswers
from tests.unit.web.fake_conversations import NOW, FakeConversations, FakeKeys
from tests.unit.web.fake_deliveries import FakeChannel, FakeDeliveries
from tests.unit.web.fake_log import FakeLog

KEY = "k" * 32
LIVE = ("Pending", "Running")


class Greeting(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    times: int = Field(default=1, ge=1, le=10)
    tags: list[str] = []


class Greeted(BaseModel):
    text: str
    mood: str | None = None


@flow(acknowledge="I'll greet them and tell you.")
async def greet(run: Run, greeting: Greeting) -> Greeted:
    """Greet somebody.

    Politely.
    """
    return Greeted(text=f"{run}{greeting}")


@flow(mode="background", name="nightly")
async def nightly(run: Run, nothing: None) -> int:
    return 0


@flow(mode="immediate", name="fire")
async def fire(run: Run, what: dict[str, Any]) -> None:
    return None


class FakeTime:
    """A clock, a stop-watch and a sleep that agree; what was planned happens while somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._plans: list[tuple[float, Callable[[], object]]] = []

    def clock(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        await asyncio.sleep(0)
        for plan in [plan for plan in self._plans if plan[0] <= self.seconds]:
            self._plans.remove(plan)
            plan[1]()

    def at(self, seconds: float, act: Callable[[], object]) -> None:
        self._plans.append((seconds, act))


class FakeOrchestrations:
    """Durable's client. `failure` is raised by every call, `start_failure` by starts."""

    def __init__(self, time: FakeTime) -> None:
        self._time = time
        self.instances: dict[str, InstanceStatus] = {}
        self.started: list[tuple[str, str, dict[str, Any]]] = []
        self.events: list[tuple[str, str, Any]] = []
        self.looks = 0
        self.failure: Exception | None = None
        self.start_failure: Exception | None = None
        self.at_start: Callable[[str], object] = lambda _: None

    async def start(self, orchestrator: str, instance_id: str, payload: dict[str, Any]) -> None:
        if self.start_failure:
            raise self.start_failure
        self.started.append((orchestrator, instance_id, json.loads(json.dumps(payload))))
        self.put(instance_id, "Pending")
        self.at_start(instance_id)

    async def status(self, instance_id: str) -> InstanceStatus | None:
        self.looks += 1
        if self.failure:
            raise self.failure
        return self.instances.get(instance_id)

    async def raise_event(self, instance_id: str, name: str, value: Any) -> bool:
        self.events.append((instance_id, name, value))
        instance = self.instances.get(instance_id)
        return instance is not None and instance.runtime_status in LIVE

    async def terminate(self, instance_id: str, reason: str) -> None:
        raise NotImplementedError

    def put(self, run_id: str, status: str, *, custom: Any = None, output: Any = None) -> None:
        now = self._time.clock().replace(microsecond=0)
        self.instances[run_id] = InstanceStatus(status, now, now, custom, output)

    def progress(self, run_id: str, percent: float, *, ending: bool = False) -> None:
        custom = CustomStatus.model_validate({"progress": {"percent": percent}, "ending": ending})
        self.put(run_id, "Running", custom=custom.model_dump(mode="json"))

    def finish(self, run_id: str, outcome: Outcome) -> None:
        self.put(run_id, "Completed", output=outcome.model_dump(mode="json"))


class FakeRuns:
    def __init__(self) -> None:
        self.rows: dict[str, RunRow] = {}
        self.away = False

    async def create(self, row: RunRow) -> None:
        if self.away:
            raise StorageUnavailable("tables are away")
        self.rows[row.run_id] = row

    async def get(self, run_id: str) -> RunRow | None:
        if self.away:
            raise StorageUnavailable("tables are away")
        return self.rows.get(run_id)


class FakeOutcomes:
    def __init__(self) -> None:
        self.rows: dict[str, Outcome] = {}
        self.looks = 0

    async def record(self, run_id: str, outcome: Outcome) -> Outcome:
        return self.rows.setdefault(run_id, outcome)

    async def get(self, run_id: str) -> Outcome | None:
        self.looks += 1
        return self.rows.get(run_id)


class FakeUnfinished:
    def __init__(self) -> None:
        self.notes: dict[tuple[str, str], dict[str, Any]] = {}

    async def add(self, kind: str, key: str, data: dict[str, Any] | None = None) -> None:
        self.notes[kind, key] = data or {}

    async def remove(self, kind: str, key: str) -> None:
        self.notes.pop((kind, key), None)

    async def due(self, kind: str, *, before: datetime, limit: int = 100) -> list[UnfinishedRow]:
        found = [UnfinishedRow(k, key, NOW, data) for (k, key), data in self.notes.items() if k == kind]
        return found[:limit]


class FakeIndex:
    """The rows of FakeRuns, two a page."""

    def __init__(self, runs: "FakeRuns") -> None:
        self._runs = runs

    async def page(self, day: str, *, start: str | None = None, limit: int = 100) -> RunPage:
        rows = [row for row in self._runs.rows.values() if row.run_id.startswith(day)]
        first = int(start or 0)
        last = first + min(limit, 2)
        return RunPage(rows[first:last], str(last) if last < len(rows) else None)

    async def days(self, *, before: str) -> list[str]:
        return sorted({row.run_id[:8] for row in self._runs.rows.values() if row.run_id[:8] < before})

    async def delete(self, run_id: str) -> None:
        self._runs.rows.pop(run_id, None)


def turns_of(conversations: Any, orchestrations: Any, time: FakeTime) -> Turns:
    """Turns that take no time, whatever the clock says."""

    async def sleep(_: float) -> None:
        await asyncio.sleep(0)

    return Turns(
        conversations=conversations,
        runs=FakeRuns(),
        outcomes=FakeOutcomes(),
        orchestrations=orchestrations,
        clock=time.clock,
        takeover=timedelta(seconds=30),
        sleep=sleep,
    )


@dataclass
class World:
    """Both apps and everything behind them."""

    settings: dict[str, Any] = field(default_factory=dict)
    flows: tuple[Flow[Any, Any], ...] = (greet, nightly, fire)

    def __post_init__(self) -> None:
        self.time = FakeTime()
        self.orchestrations = FakeOrchestrations(self.time)
        self.runs, self.outcomes, self.log = FakeRuns(), FakeOutcomes(), FakeLog()
        self.unfinished = FakeUnfinished()
        self.deliveries = FakeDeliveries()
        self.keys = FakeKeys()
        self.conversations = FakeConversations()
        self.answers = FakeAnswers()
        self._ids = 0
        self.wiring = Wiring(
            settings=Settings(
                signing_keys=(KEY,), **{"token_hours": 1, "development": True, **self.settings}
            ),
            registry=Registry(self.flows),
            runs=self.runs,
            index=FakeIndex(self.runs),
            outcomes=self.outcomes,
            events=self.log,
            markers=None,
            unfinished=self.unfinished,
            keys=self.keys,
            conversations=self.conversations,
            answers=self.answers,
            deliveries=self.deliveries,
            dead_letters=None,
            remains=None,
            channels={"callback": FakeChannel()},
            copies=Copies(patience=0.01),
            clock=self.time.clock,
            new_run_id=self._new_run_id,
            monotonic=self.time.monotonic,
            sleep=self.time.sleep,
        )
        self.tokens = self.wiring.tokens
        keyed, open_ = apps_of(tuple(self.settings.get("cors_origins", ())))
        self.keyed, self.open = self._client(keyed), self._client(open_)

    @property
    def uses(self) -> UseCases:
        """The use cases, as an invocation has them."""
        return self.wiring.bind(self.orchestrations)

    def _new_run_id(self, now: datetime) -> str:
        self._ids += 1
        return f"{now:%Y%m%d}-{self._ids:032x}"

    def _client(self, app: Any) -> httpx.AsyncClient:
        async def with_durable(scope: Any, receive: Any, send: Any) -> None:
            await app({**scope, USE_CASES: self.uses}, receive, send)

        transport = httpx.ASGITransport(app=with_durable, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://raincheck.test", trust_env=False)

    async def start(
        self, flow: str = "greet", headers: dict[str, str] | None = None, **body: Any
    ) -> httpx.Response:
        """Start a run, by default of `greet` with a good input."""
        body = {"input": {"name": "Ada"}, **body}
        return await self.keyed.post(f"/flows/{flow}/runs", json=body, headers=headers)

    def run(self, **row: Any) -> str:
        """Put a run there that was started just now; give its id."""
        run_id = self._new_run_id(self.time.clock())
        fields = {"flow": "greet", "version": 1, "created_at": self.time.clock(), **row}
        self.runs.rows[run_id] = RunRow(run_id=run_id, **fields)
        return run_id

    def token(self, run_id: str, position: Position = START, scope: Any = "read") -> str:
        return self.tokens.issue(run_id, scope, position)


def local(url: str) -> str:
    """The path of a URL that was handed out, as the app knows it."""
    return httpx.URL(url).raw_path.decode().removeprefix("/api")
