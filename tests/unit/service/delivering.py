"""Deliveries against ports in memory."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from raincheck.adapters.webhooks import CallbackChannel
from raincheck.models import CallbackRequest
from raincheck.service.deliveries import Delivery, DeliveryRow, PostCall, PostResult
from raincheck.service.outbox import Outbox
from raincheck.service.ports import InstanceStatus
from raincheck.service.runs import RunRow
from raincheck.service.settings import Settings

RUN_ID = "20261121-0123456789abcdef0123456789abcdef"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
OWED = Delivery(RUN_ID, "run.succeeded")
TAKEN = PostResult(delivered=True, final=True, status=204, detail="delivered")


@dataclass
class World:
    """Every port in memory, and what was done to it."""

    run: RunRow | None = field(
        default_factory=lambda: RunRow(
            RUN_ID, "f", 1, NOW, callback=CallbackRequest(url="https://hooks.example.com/?sig=s3cret")
        )
    )
    document: dict[str, Any] | None = field(
        default_factory=lambda: {"id": RUN_ID, "status": "Succeeded", "result": 1, "input_requests": []}
    )
    attempt: PostResult = TAKEN
    rows: dict[str, DeliveryRow] = field(default_factory=dict)
    instances: set[str] = field(default_factory=set)
    started: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    posted: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    start_error: Exception | None = None
    alarms: list[DeliveryRow] = field(default_factory=list)
    runtime_status: str = "Running"

    async def alarm(self, row):
        self.alarms.append(row)

    async def reopen(self, delivery, now):
        row = self.rows.get(delivery.id)
        if row is None or row.state not in {"failed", "dropped"}:
            return False
        self.rows[delivery.id] = DeliveryRow(delivery, row.created_at, now)
        return True

    async def create(self, delivery, now):
        if delivery.id in self.rows:
            return False
        self.rows[delivery.id] = DeliveryRow(delivery, now, now)
        return True

    async def get(self, key):
        return self.run if isinstance(key, str) else self.rows.get(key.id)

    async def note(self, delivery, *, attempt, now, **noted):
        await self.create(delivery, now)
        self.rows[delivery.id] = replace(self.rows[delivery.id], attempts=attempt, updated_at=now, **noted)

    async def post(self, callback, *, webhook_id, body):
        self.posted.append((webhook_id, json.loads(body)))
        return self.attempt

    async def start(self, orchestrator, instance_id, payload):
        if self.start_error:
            raise self.start_error
        self.started.append((orchestrator, instance_id, payload))

    async def status(self, instance_id):
        return (
            InstanceStatus(self.runtime_status, NOW, NOW, None, None)
            if instance_id in self.instances
            else None
        )


class Notes:
    """Port Unfinished in memory."""

    def __init__(self) -> None:
        self.left: dict[str, dict[str, Any]] = {}

    async def add(self, kind, key, data=None):
        self.left[f"{kind} {key}"] = data

    async def remove(self, kind, key):
        self.left.pop(f"{kind} {key}", None)


class _Outbox(Outbox):
    """Takes the documents of runs from the world."""

    async def _document(self, run):
        return self.runs.document


def deliveries(world: World, notes: Notes | None = None) -> Outbox:
    settings = Settings(signing_keys=("k" * 32,), delivery_scale=0.5)
    return _Outbox(
        runs=world,
        rows=world,
        channels={"callback": CallbackChannel(world)},
        status=None,
        dead_letters=world,
        unfinished=notes or Notes(),
        orchestrations=world,
        tokens=None,
        settings=settings,
        clock=lambda: NOW,
        route_prefix="/api",
    )


async def post(world: World, **options: Any):
    call = {"run_id": RUN_ID, "event": "run.succeeded", "attempt": 1, "last": False, **options}
    return await deliveries(world).post(PostCall(**call))
