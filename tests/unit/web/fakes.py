"""The world that the faces need, in memory, and a time that only tests move."""

import asyncio
import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, Field

from raincheck.answering import Answering
from raincheck.conversations import Conversation, Turn
from raincheck.errors import RequestError, StorageUnavailable
from raincheck.events import START, Event, Position, StoredEvent
from raincheck.flows import Flow, flow
from raincheck.models import CallbackRequest
from raincheck.outcomes import Outcome
from raincheck.payloads import CustomStatus
from raincheck.ports import EventPage, InstanceStatus, PendingRow, RunPage, RunRow
from raincheck.registry import Registry
from raincheck.run import Run
from raincheck.settings import Settings
from raincheck.starts import StartRow
from raincheck.tokens import Tokens
from raincheck.turns import Turns
from tests.unit.web.fake_answers import FakeAnswers
from tests.unit.web.fake_deliveries import FakeDeliveries
from web import ORCHESTRATIONS, Services, keyed_app, open_app
from web.copies import Copies

KEY = "k" * 32
NOW = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
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


class FakeLog:
    """Event logs as lists. A line is as long as one byte, so that offsets are sequence numbers times ten."""

    def __init__(self) -> None:
        self.lines: dict[str, list[Event]] = {}
        self.away = False
        self.page = 1000

    def add(self, run_id: str, kind: Any, **fields: Any) -> None:
        self.lines.setdefault(run_id, []).append(Event(kind, fields))

    async def read(self, run_id: str, start: Position, *, limit: int = 1000) -> EventPage:
        if self.away:
            raise StorageUnavailable("blobs are away")
        stored = [
            StoredEvent(number, line.type, line.fields, Position(number + 1, 0, (number + 1) * 10))
            for number, line in enumerate(self.lines.get(run_id, []))
        ]
        events = stored[start.sequence :][: min(limit, self.page)]
        closed = bool(stored) and stored[-1].terminal
        return EventPage(events, events[-1].next if events else start, run_id in self.lines, closed)

    async def close(self, run_id: str, *, flow: str, terminal: Event) -> None:
        lines = self.lines.setdefault(run_id, [Event("run.started", {"flow": flow})])
        if lines[-1].type != terminal.type:
            lines.append(terminal)

    def writer(self, run_id: str, **_: Any) -> Any:
        raise NotImplementedError


class FakePending:
    def __init__(self) -> None:
        self.notes: dict[tuple[str, str], dict[str, Any]] = {}

    async def note(self, kind: str, key: str, data: dict[str, Any] | None = None) -> None:
        self.notes[kind, key] = data or {}

    async def done(self, kind: str, key: str) -> None:
        self.notes.pop((kind, key), None)

    async def left(self, kind: str, *, before: datetime, limit: int = 100) -> list[PendingRow]:
        found = [PendingRow(k, key, NOW, data) for (k, key), data in self.notes.items() if k == kind]
        return found[:limit]


class FakeStarts:
    """The rows of the keys. `meanwhile` runs before a write: what another starter does at that moment."""

    def __init__(self) -> None:
        self.rows: dict[str, StartRow] = {}
        self.away = False
        self.meanwhile: Callable[[StartRow], object] = lambda _: None
        self._etags = 0

    async def get(self, key: str) -> StartRow | None:
        return self.rows.get(key)

    async def put(self, row: StartRow) -> StartRow | None:
        if self.away:
            raise StorageUnavailable("tables are away")
        self.meanwhile(row)
        found = self.rows.get(row.key)
        if (found.etag if found else "") != row.etag:
            return None
        self._etags += 1
        self.rows[row.key] = dataclasses.replace(row, etag=str(self._etags))
        return self.rows[row.key]

    async def clear(self, *, before: datetime, limit: int = 1000) -> int:
        old = [key for key, row in self.rows.items() if row.expires_at < before]
        for key in old:
            del self.rows[key]
        return len(old)


class FakeConversations:
    """Conversations in memory. `meanwhile` runs before a write: what another host does at that moment."""

    def __init__(self) -> None:
        self.pointers: dict[str, tuple[int, str]] = {}
        self.turns: dict[str, dict[str, Turn]] = {}
        self.meanwhile: Callable[[], object] = lambda: None
        self._etags = 0

    async def read(self, conversation_id: str) -> Conversation:
        sequence, etag = self.pointers.get(conversation_id, (0, ""))
        turns = sorted(self.turns.get(conversation_id, {}).values(), key=lambda turn: turn.sequence)
        await asyncio.sleep(0)
        return Conversation(conversation_id, sequence, tuple(turns), etag)

    async def turn(self, conversation_id: str, run_id: str) -> Turn | None:
        return self.turns.get(conversation_id, {}).get(run_id)

    async def enter(self, conversation: Conversation, turn: Turn, *, changed: Any, dropped: Any) -> bool:
        self.meanwhile()
        if self.pointers.get(conversation.id, (0, ""))[1] != conversation.etag:
            return False
        if not self._as_read(conversation.id, [turn, *changed, *dropped]):
            return False
        self.pointers[conversation.id] = (turn.sequence, self._etag())
        self._write(conversation.id, [turn, *changed])
        for one in dropped:
            del self.turns[conversation.id][one.run_id]
        return True

    async def change(self, conversation_id: str, turns: Any) -> bool:
        self.meanwhile()
        if not self._as_read(conversation_id, turns):
            return False
        self._write(conversation_id, turns)
        return True

    async def forget(self, conversation_id: str, run_id: str) -> None:
        self.turns[conversation_id].pop(run_id, None)

    def put(self, conversation_id: str, **fields: Any) -> Turn:
        """Put a turn there, the newest by its number."""
        turn = Turn(**{"state": "open", "claimed_at": NOW, **fields})
        self.pointers[conversation_id] = (turn.sequence, self._etag())
        self._write(conversation_id, [turn])
        return self.turns[conversation_id][turn.run_id]

    def _etag(self) -> str:
        self._etags += 1
        return str(self._etags)

    def _as_read(self, conversation_id: str, turns: Any) -> bool:
        found = self.turns.get(conversation_id, {})
        return all((found[t.run_id].etag if t.run_id in found else "") == t.etag for t in turns)

    def _write(self, conversation_id: str, turns: Any) -> None:
        for turn in turns:
            written = dataclasses.replace(turn, etag=self._etag())
            self.turns.setdefault(conversation_id, {})[turn.run_id] = written


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


class FakeWebhooks:
    def check(self, callback: CallbackRequest) -> None:
        if "evil" in callback.url:
            raise RequestError(422, "callback_not_allowed", "That URL is not allowed.")

    async def post(self, callback: CallbackRequest, *, webhook_id: str, body: bytes) -> Any:
        raise NotImplementedError


def turns_of(conversations: FakeConversations, time: FakeTime, outcomes: FakeOutcomes | None = None) -> Turns:
    """Turns that take no time, whatever the clock says."""

    async def sleep(_: float) -> None:
        await asyncio.sleep(0)

    return Turns(
        conversations=conversations,
        outcomes=outcomes or FakeOutcomes(),
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
        settings = Settings(signing_keys=(KEY,), **self.settings)
        self.tokens = Tokens(settings.signing_keys, lifetime=timedelta(hours=1), clock=self.time.clock)
        self.pending = FakePending()
        self.deliveries = FakeDeliveries()
        self.starts = FakeStarts()
        self.conversations = FakeConversations()
        self.turns = turns_of(self.conversations, self.time, self.outcomes)
        self.answers = FakeAnswers()
        self._ids = 0
        self.services = Services(
            settings=settings,
            registry=Registry(self.flows),
            tokens=self.tokens,
            runs=self.runs,
            outcomes=self.outcomes,
            events=self.log,
            webhooks=FakeWebhooks(),
            deliveries=self.deliveries,
            redeliver=self.deliveries.redeliver,
            starts=self.starts,
            turns=self.turns,
            copies=Copies(patience=0.01),
            pending=self.pending,
            answering=Answering(answers=self.answers, pending=self.pending),
            index=FakeIndex(self.runs),
            clock=self.time.clock,
            new_run_id=self._new_run_id,
            monotonic=self.time.monotonic,
            sleep=self.time.sleep,
        )
        self.keyed = self._client(keyed_app(self.services))
        self.open = self._client(open_app(self.services))

    def _new_run_id(self, now: datetime) -> str:
        self._ids += 1
        return f"{now:%Y%m%d}-{self._ids:032x}"

    def _client(self, app: Any) -> httpx.AsyncClient:
        async def with_durable(scope: Any, receive: Any, send: Any) -> None:
            await app({**scope, ORCHESTRATIONS: self.orchestrations}, receive, send)

        transport = httpx.ASGITransport(app=with_durable, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://raincheck.test")

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
