"""`deliver_outcome` as a plain generator: schedule, Retry-After, setbacks, and that it never raises."""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from raincheck.durable.deliver_outcome import deliver_outcome
from raincheck.service.deliveries import POST_CALLBACK, SCHEDULE, DeliveryInput

RUN_ID = "20261121-0123456789abcdef0123456789abcdef"
BEGAN = datetime(2026, 11, 21, 12, tzinfo=UTC)


@dataclass
class Context:
    """What the orchestrator asks of Durable's context; time passes by its timers only."""

    order: DeliveryInput
    instance_id: str = f"{RUN_ID}:deliver:run.succeeded"
    current_utc_datetime: datetime = BEGAN
    calls: list[dict[str, Any]] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)

    def get_input(self) -> Any:
        return self.order.model_dump_json()

    def call_activity(self, name: str, payload: dict[str, Any]) -> str:
        assert name == POST_CALLBACK
        self.calls.append(payload)
        return "activity"

    def create_timer(self, fire_at: datetime) -> str:
        self.pauses.append((fire_at - self.current_utc_datetime).total_seconds())
        self.current_utc_datetime = fire_at
        return "timer"


def drive(answer: Callable[[dict[str, Any]], Any], scale: float = 1.0) -> tuple[dict[str, Any], Context]:
    """Run it to its end; `answer` gives what an attempt reports, or an exception that the activity raised."""
    context = Context(DeliveryInput(run_id=RUN_ID, event="run.succeeded", scale=scale))
    orchestration: Generator[Any, Any, dict[str, Any]] = deliver_outcome(context)
    task = next(orchestration)
    while True:
        try:
            if task == "timer":
                task = orchestration.send(None)
                continue
            given = answer(context.calls[-1])
            proceed = orchestration.throw if isinstance(given, Exception) else orchestration.send
            task = proceed(given)
        except StopIteration as ended:
            return ended.value, context


def failed(**fields: Any) -> dict[str, Any]:
    return {"kind": "failed", "status": 500, "detail": "the receiver answered 500", **fields}


DELIVERED = {"kind": "delivered", "status": 204}


def test_what_is_taken_at_once_is_posted_once():
    """The usual case: one activity, no timer."""
    result, context = drive(lambda call: DELIVERED)
    assert (result["delivered"], result["attempts"], result["status"]) == (True, 1, 204)
    assert context.pauses == []


def test_nothing_secret_is_in_an_actions_input():
    """The host's sanitizer destroys orchestrations with signed URLs; histories are no place for them."""
    _, context = drive(lambda call: DELIVERED)
    assert context.calls[0].keys() == {"schema_version", "run_id", "event", "request_id", "attempt", "last"}


def test_a_receiver_that_stays_down_is_tried_for_72_hours():
    """Standard Webhooks' schedule, a little earlier by jitter, never later."""
    result, context = drive(lambda call: failed())
    assert (result["delivered"], result["attempts"]) == (False, len(SCHEDULE) + 1)
    assert all(0.9 * plan <= made <= plan for plan, made in zip(SCHEDULE, context.pauses, strict=True))
    assert sum(SCHEDULE) == timedelta(hours=72).total_seconds()


def test_only_the_last_attempt_is_told_that_it_is():
    """It marks the delivery as failed for good: a dead letter must not be one too early."""
    _, context = drive(lambda call: failed())
    assert [call["last"] for call in context.calls] == [False] * len(SCHEDULE) + [True]
    assert [call["attempt"] for call in context.calls] == list(range(1, len(SCHEDULE) + 2))


def test_the_same_delivery_makes_the_same_pauses_and_another_one_others():
    """Replays must see the same timers; receivers that were down must not be met by all at once."""
    _, first = drive(lambda call: failed())
    _, again = drive(lambda call: failed())
    assert first.pauses == again.pauses
    other = Context(DeliveryInput(run_id=RUN_ID, event="run.failed"), instance_id="other")
    orchestration = deliver_outcome(other)
    next(orchestration)
    orchestration.send(failed())
    assert other.pauses[0] != first.pauses[0]


@pytest.mark.parametrize(("asked", "made"), [(60.0, 61.0), (10**9, 86_400.0), (0.0, None), (1.0, None)])
def test_retry_after_lengthens_a_pause_up_to_a_day(asked, made):
    """A receiver that asks for time gets it, but can neither hurry nor hold us."""
    answers = iter([failed(retry_after=asked), DELIVERED])
    _, context = drive(lambda call: next(answers))
    assert context.pauses[0] == made if made else 4.5 <= context.pauses[0] <= 5


def test_a_scale_shortens_the_schedule_but_no_pause_below_a_second():
    """Tests and demos must not wait for days; durable timers are no good below a second."""
    _, context = drive(lambda call: failed(), scale=1e-6)
    assert context.pauses == [1.0] * len(SCHEDULE)


def test_a_scale_does_not_shorten_what_a_receiver_asks_for():
    """The schedule is ours, Retry-After is not."""
    answers = iter([failed(retry_after=30.0), DELIVERED])
    _, context = drive(lambda call: next(answers), scale=1e-6)
    assert context.pauses == [31.0], "a durable timer may fire a second too soon"


def test_a_receiver_that_always_asks_for_a_day_is_given_up_after_72_hours():
    """Retry-After must not make deliveries immortal."""
    result, context = drive(lambda call: failed(retry_after=86_400.0))
    assert result["attempts"] == 4
    assert context.calls[-1]["last"]


@pytest.mark.parametrize("kind", ["final", "dropped"])
def test_what_is_final_is_not_tried_again(kind):
    """410 says that the receiver wants no more; a run that is gone has nothing to tell."""
    result, context = drive(lambda call: {"kind": kind, "status": 410, "detail": "no more"})
    assert (result["delivered"], result["attempts"]) == (False, 1)
    assert context.pauses == []


@pytest.mark.parametrize(
    "setback", [{"kind": "not_ready"}, RuntimeError("storage is away"), "no report", None]
)
def test_a_setback_is_no_attempt(setback):
    """What never reached the receiver must not use up its attempts."""
    answers = iter([setback, setback, DELIVERED])
    result, context = drive(lambda call: next(answers))
    assert (result["delivered"], result["attempts"]) == (True, 1)
    assert context.pauses == [2, 4]


@pytest.mark.parametrize("setback", [{"kind": "not_ready"}, RuntimeError("storage is away")])
def test_setbacks_without_end_are_given_up(setback):
    """An instance that runs for ever would cost for ever."""
    result, context = drive(lambda call: setback)
    assert not result["delivered"]
    assert context.calls[-1]["last"]
    assert sum(context.pauses) < 86_400


def test_no_timer_is_longer_than_a_day():
    """The SDK makes timers over three days in a way that can't be trusted."""
    _, context = drive(lambda call: failed(retry_after=1e12), scale=100.0)
    assert max(context.pauses) <= 86_400


def test_a_report_is_taken_as_text_too():
    """The SDK hands results over in either form."""
    result, _ = drive(lambda call: '{"kind":"delivered","status":200}')
    assert result["delivered"]
