"""The use cases of one invocation: wired from ports that are made once and Durable's client, which is not."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from raincheck.registry import Registry
from raincheck.run_ids import new_run_id
from raincheck.service.answers import ANSWER, Answers
from raincheck.service.cancel import CANCEL, Cancel
from raincheck.service.completion import RUN, CompleteRun
from raincheck.service.conversations import Conversations
from raincheck.service.deliveries import Channels, DeadLetters, Deliveries
from raincheck.service.documents import StatusDocuments
from raincheck.service.events import EventLog
from raincheck.service.follow import Follow
from raincheck.service.idempotency import Idempotency
from raincheck.service.keys import Copies, IdempotencyKeys
from raincheck.service.outbox import DELIVERY, Outbox
from raincheck.service.ports import Clock, Orchestrations, Outcomes, Remains, StopMarkers, Unfinished
from raincheck.service.questions import AnswerRows, Questions
from raincheck.service.retention import PURGE, Retention
from raincheck.service.runs import RunIndex, RunList, Runs
from raincheck.service.settings import Settings
from raincheck.service.start import StartRun
from raincheck.service.status import Status
from raincheck.service.step_attempt import StepAttempts
from raincheck.service.sweep import Sweep
from raincheck.service.tokens import Tokens
from raincheck.service.turns import Turns

__all__ = ["UseCases", "Wiring"]


@dataclass(frozen=True, kw_only=True)
class Wiring:
    """Every port and value, made once an app; `bind` wires use cases of them for an invocation's client.

    `monotonic` and `sleep` are in seconds. No use case sees this: each takes the ports that it needs.
    """

    settings: Settings
    registry: Registry
    runs: Runs
    index: RunIndex
    outcomes: Outcomes
    events: EventLog
    markers: StopMarkers
    unfinished: Unfinished
    keys: IdempotencyKeys
    conversations: Conversations
    answers: AnswerRows
    deliveries: Deliveries
    dead_letters: DeadLetters
    remains: Remains
    channels: Channels
    clock: Clock
    new_run_id: Callable[[datetime], str] = new_run_id
    route_prefix: str = "/api"
    copies: Copies = field(default_factory=Copies)
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    @cached_property
    def tokens(self) -> Tokens:
        """Issues and reads tokens."""
        lifetime = timedelta(hours=self.settings.token_hours)
        return Tokens(self.settings.signing_keys, lifetime=lifetime, clock=self.clock)

    @cached_property
    def step_attempts(self) -> StepAttempts:
        """Attempts steps: the one use case that needs no client."""
        return StepAttempts(events=self.events, markers=self.markers)

    def bind(self, orchestrations: Orchestrations) -> "UseCases":
        """Wire the use cases for one invocation; each is made when it is first asked for."""
        return UseCases(self, orchestrations)


class UseCases:
    """What faces, activities and timers may ask for."""

    def __init__(self, wiring: Wiring, orchestrations: Orchestrations) -> None:
        self._wiring = wiring
        self._orchestrations = orchestrations

        self.registry = wiring.registry
        self.settings = wiring.settings
        self.tokens = wiring.tokens
        self.deliveries = wiring.deliveries
        self.route_prefix = wiring.route_prefix
        self.now = wiring.clock
        self.monotonic = wiring.monotonic

    def documents(self, base: str) -> StatusDocuments:
        """Return the maker of status documents; `base` is scheme and host of their URLs."""
        return StatusDocuments(self._wiring.tokens, base + self._wiring.route_prefix)

    @cached_property
    def start(self) -> StartRun:
        """Starts runs."""
        wiring = self._wiring
        return StartRun(
            runs=wiring.runs,
            index=wiring.index,
            unfinished=wiring.unfinished,
            orchestrations=self._orchestrations,
            channels=wiring.channels,
            idempotency=self.idempotency,
            turns=self.turns,
            cancel=self.cancel,
            settings=wiring.settings,
            clock=wiring.clock,
            monotonic=wiring.monotonic,
            new_run_id=wiring.new_run_id,
        )

    @cached_property
    def idempotency(self) -> Idempotency:
        """Claims starts by their keys."""
        wiring = self._wiring
        return Idempotency(
            keys=wiring.keys,
            runs=wiring.runs,
            outcomes=wiring.outcomes,
            orchestrations=self._orchestrations,
            settings=wiring.settings,
            clock=wiring.clock,
            copies=wiring.copies,
        )

    @cached_property
    def turns(self) -> Turns:
        """Moves runs through their conversations."""
        wiring = self._wiring
        return Turns(
            conversations=wiring.conversations,
            runs=wiring.runs,
            outcomes=wiring.outcomes,
            orchestrations=self._orchestrations,
            clock=wiring.clock,
            takeover=timedelta(seconds=wiring.settings.start_takeover),
            sleep=wiring.sleep,
        )

    @cached_property
    def runs(self) -> RunList:
        """Finds runs by id, and page by page."""
        return RunList(runs=self._wiring.runs, index=self._wiring.index)

    @cached_property
    def status(self) -> Status:
        """Reads how runs stand."""
        wiring = self._wiring
        return Status(
            runs=wiring.runs,
            outcomes=wiring.outcomes,
            conversations=wiring.conversations,
            questions=Questions(answers=wiring.answers, orchestrations=self._orchestrations),
            orchestrations=self._orchestrations,
            tokens=wiring.tokens,
            settings=wiring.settings,
            clock=wiring.clock,
            monotonic=wiring.monotonic,
            sleep=wiring.sleep,
        )

    @cached_property
    def follow(self) -> Follow:
        """Follows runs."""
        wiring = self._wiring
        return Follow(
            log=wiring.events,
            status=self.status,
            settings=wiring.settings,
            monotonic=wiring.monotonic,
            sleep=wiring.sleep,
        )

    @cached_property
    def cancel(self) -> Cancel:
        """Cancels runs."""
        wiring = self._wiring
        return Cancel(
            runs=wiring.runs,
            status=self.status,
            unfinished=wiring.unfinished,
            orchestrations=self._orchestrations,
            clock=wiring.clock,
        )

    @cached_property
    def answers(self) -> Answers:
        """Takes answers."""
        wiring = self._wiring
        return Answers(
            rows=wiring.answers,
            runs=wiring.runs,
            status=self.status,
            outbox=self.outbox,
            unfinished=wiring.unfinished,
            orchestrations=self._orchestrations,
        )

    @cached_property
    def outbox(self) -> Outbox:
        """Delivers what runs owe."""
        wiring = self._wiring
        return Outbox(
            runs=wiring.runs,
            rows=wiring.deliveries,
            channels=wiring.channels,
            status=self.status,
            dead_letters=wiring.dead_letters,
            unfinished=wiring.unfinished,
            orchestrations=self._orchestrations,
            tokens=wiring.tokens,
            settings=wiring.settings,
            clock=wiring.clock,
            route_prefix=wiring.route_prefix,
        )

    @cached_property
    def completion(self) -> CompleteRun:
        """Ends runs."""
        wiring = self._wiring
        return CompleteRun(
            runs=wiring.runs,
            outcomes=wiring.outcomes,
            events=wiring.events,
            markers=wiring.markers,
            outbox=self.outbox,
            turns=self.turns,
            status=self.status,
            unfinished=wiring.unfinished,
            orchestrations=self._orchestrations,
        )

    @cached_property
    def retention(self) -> Retention:
        """Clears old runs away."""
        wiring = self._wiring
        return Retention(
            index=wiring.index,
            conversations=wiring.conversations,
            keys=wiring.keys,
            remains=wiring.remains,
            unfinished=wiring.unfinished,
            outbox=self.outbox,
            orchestrations=self._orchestrations,
            settings=wiring.settings,
            clock=wiring.clock,
            monotonic=wiring.monotonic,
        )

    @cached_property
    def sweep(self) -> Sweep:
        """Finishes what crashes leave half done."""
        return Sweep(
            unfinished=self._wiring.unfinished,
            resume={
                CANCEL: self.cancel.resume,
                RUN: self.completion.resume,
                DELIVERY: self.outbox.resume,
                ANSWER: self.answers.resume,
                PURGE: self.retention.resume,
            },
            clock=self._wiring.clock,
            monotonic=self._wiring.monotonic,
        )
